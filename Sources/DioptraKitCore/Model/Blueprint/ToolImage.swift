internal import DioptraSystem

/// An image with Bash and coreutils that every deployment has anyway; initialisation runs its scripts in it. If there
/// are several, the first is used.
public struct ToolImage: Codable, Equatable, Sendable {
  public var image: Text

  public init(_ image: Text) {
    self.image = image
  }
}

extension ToolImage: Contributed {
  public static let kind = "image with tools"
  public var references: [Reference] { image.references }
}

extension Contribution {
  /// An image with Bash and coreutils, for the scripts of initialisation.
  public static func toolImage(_ value: ToolImage) -> Self { Self(value) }
}

extension Blueprint {
  public var toolImages: [Owned<ToolImage>] { self[ToolImage.self] }
}
