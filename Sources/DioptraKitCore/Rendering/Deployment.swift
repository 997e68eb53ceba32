public import DioptraModel
internal import DioptraSystem

/// A deployment as configured: the values, the blueprint and the rendered files.
public struct Deployment: Sendable {
  /// The configuration and the deployment's identity, from which everything else follows.
  public let context: Context
  /// What the components contribute.
  public let blueprint: Blueprint
  /// The rendered files.
  public let tree: RenderedTree

  /// The values of all variables, and the enabled components.
  public var configuration: Configuration { context.configuration }

  /// The main page, as seen from the host itself; nil for a deployment without one.
  public var url: String? { blueprint.webAddresses.first.flatMap { try? plainTexts([$0.url])[0] } }

  package var renderer: Renderer { Renderer(blueprint, in: context) }

  /// - Throws: `DioptraError` for an invalid value or combination; nothing has been written yet.
  package init(
    registry: ComponentRegistry, file: ConfigurationFile, identity: Identity, secretVersions: [SecretName: Int] = [:]
  ) throws {
    let configuration = try Configuration(registry: registry, file: file)
    try self.init(
      in: Context(configuration: configuration, identity: identity), secretVersions: secretVersions)
  }

  /// - Throws: `DioptraError` for an invalid combination.
  package init(in context: Context, secretVersions: [SecretName: Int] = [:]) throws {
    self.context = context
    blueprint = try Blueprint(in: context)
    tree = try Renderer(blueprint, in: context, secretVersions: secretVersions).tree()
  }
}
