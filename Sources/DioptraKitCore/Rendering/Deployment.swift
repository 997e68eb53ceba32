public import DioptraModel
internal import DioptraSystem

/// A deployment as its configuration says it should be: the values, the blueprint and the rendered files.
public struct Deployment: Sendable {
  public let context: Context
  public let blueprint: Blueprint
  public let tree: RenderedTree

  public var configuration: Configuration { context.configuration }

  /// The page that people open first, seen from the host itself; nil for a deployment without one.
  public var url: String? { blueprint.webAddresses.first.flatMap { try? words([$0.url])[0] } }

  package var renderer: Renderer { Renderer(blueprint, in: context) }

  /// - Throws: `DioptraError` for a value or a combination that cannot be; nothing has been written then.
  public init(
    registry: ComponentRegistry, file: ConfigurationFile, identity: Identity, secretVersions: [SecretName: Int] = [:]
  ) throws {
    let configuration = try Configuration(registry: registry, file: file)
    try self.init(
      in: Context(configuration: configuration, identity: identity), secretVersions: secretVersions)
  }

  /// - Throws: `DioptraError` for a combination that cannot be.
  public init(in context: Context, secretVersions: [SecretName: Int] = [:]) throws {
    self.context = context
    blueprint = try Blueprint(in: context)
    tree = try Renderer(blueprint, in: context, secretVersions: secretVersions).tree()
  }
}
