/// One concern of the deployment, complete: its variables and everything that it contributes.
///
/// A component *returns* values and changes nothing. What other components need, it contributes as values of the kinds
/// that they look for; see `Contribution`.
public protocol Component: Sendable {
  /// The name in `dioptra.yaml`, in `component list` and in history: lower-case letters, digits, hyphens.
  var id: ComponentID { get }

  /// What the component is, in one line.
  var summary: String { get }

  /// The version of what the component renders, from 1 on: it is raised by every change of the bytes that the component
  /// renders. A deployment of an earlier version gets them by `upgrade`.
  var version: Int { get }
  /// The components that this one needs. They come before it in every list.
  var requires: [ComponentID] { get }

  /// Whether `dioptra.yaml` may switch the component off.
  var isOptional: Bool { get }

  /// What the user can choose.
  var variables: [Variable] { get }

  /// Prerequisites on the host; see `DoctorCheck`.
  var checks: [any DoctorCheck] { get }

  /// What deployments of earlier versions need; see `Migration`. Applied in this order.
  var migrations: [Migration] { get }

  /// What the component contributes, for the given configuration.
  func contributions(in context: Context) throws -> [Contribution]

  /// What the component contributes based on the values of others: the proxy turns routes into configuration files, and
  /// the trust store turns requests for certificates into init services.
  ///
  /// Called once, after `contributions(in:)` of every component; `blueprint` holds what those returned.
  func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution]
}

extension Component {
  /// By default 1: the rendered bytes have not changed yet.
  public var version: Int { 1 }
  /// By default none.
  public var requires: [ComponentID] { [] }
  /// By default true.
  public var isOptional: Bool { true }
  /// By default none.
  public var variables: [Variable] { [] }
  /// By default none.
  public var checks: [any DoctorCheck] { [] }
  /// By default none.
  public var migrations: [Migration] { [] }
  /// By default nothing.
  public func contributions(in context: Context) throws -> [Contribution] { [] }
  /// By default nothing.
  public func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution] { [] }
}
