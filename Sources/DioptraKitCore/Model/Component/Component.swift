/// One concern of the deployment, whole: its variables, and everything it wants to exist.
///
/// A component *returns* values and changes nothing. What others need of it, it contributes as a value of the kind they
/// look for; see `Contribution`.
public protocol Component: Sendable {
  /// The name in `dioptra.yaml`, in `component list` and in history: lower-case letters, digits, hyphens.
  var id: ComponentID { get }

  /// What the component is, in one line for people.
  var summary: String { get }

  /// The version of what the component renders, from 1 on: it is raised by every change of the bytes that the component
  /// renders. A deployment of an earlier version gets them by `upgrade`.
  var version: Int { get }
  /// The components without which this one makes no sense. They come before it in every list.
  var requires: [ComponentID] { get }

  /// Whether `dioptra.yaml` may switch the component off.
  var isOptional: Bool { get }

  /// What the user can choose.
  var variables: [Variable] { get }

  /// What must hold on a host for the component to work; see `DoctorCheck`.
  var checks: [any DoctorCheck] { get }

  /// What deployments of earlier versions need; see `Migration`. In the order in which they are applied.
  var migrations: [Migration] { get }

  /// What the component brings, for the given configuration.
  func contributions(in context: Context) throws -> [Contribution]

  /// What the component makes of the values that others contributed: the proxy turns routes into configuration files,
  /// the trust store turns requests for certificates into init services.
  ///
  /// Called once, after `contributions(in:)` of every component; `blueprint` holds what those returned.
  func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution]
}

extension Component {
  public var version: Int { 1 }
  public var requires: [ComponentID] { [] }
  public var isOptional: Bool { true }
  public var variables: [Variable] { [] }
  public var checks: [any DoctorCheck] { [] }
  public var migrations: [Migration] { [] }
  public func contributions(in context: Context) throws -> [Contribution] { [] }
  public func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution] { [] }
}
