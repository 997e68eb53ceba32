public import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// An image of a deployment, and what uses it.
public struct ImageUse: Equatable, Sendable {
  /// The name with tag or digest.
  public let image: String
  /// The services that run it, in the order of the components.
  public let services: [ServiceName]
  /// The services of initialisation that run it.
  public let initServices: [ServiceName]

  /// Whether the name says which image it is, rather than a tag that may move.
  public var isPinned: Bool { image.contains("@") }
}

extension Deployment {
  /// The images of the deployment and its initialisation, each once.
  public func imageUses() throws -> [ImageUse] {
    func users(of image: String, _ services: [Owned<Service>]) throws -> [ServiceName] {
      try services.filter { try plainTexts([$0.image]) == [image] }.map(\.name)
    }
    return try images().map { image in
      ImageUse(
        image: image, services: try users(of: image, blueprint.services),
        initServices: try users(of: image, blueprint.initServices))
    }
  }
}
