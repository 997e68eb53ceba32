internal import DioptraSystem

/// An image with Bash and coreutils that every deployment has anyway; initialisation runs its scripts in it. If there
/// are several, the first is used.
public struct ToolImage: Codable, Equatable, Sendable {
  /// The image with its tag or digest; usually the value of a variable of the type `image`.
  public var image: Text

  /// - Parameter image: An image that a service of the deployment uses anyway.
  public init(_ image: Text) {
    self.image = image
  }
}

extension ToolImage: Contributed {
  /// What messages call such a value.
  public static let kind = "image with tools"
  /// What the image's text names.
  public var references: [Reference] { image.references }

  /// The same with another name of its image.
  public func renamingImages(_ newName: (Text) -> Text) -> Self {
    var value = self
    value.image = newName(image)
    return value
  }
}

extension Contribution {
  /// An image with Bash and coreutils, for the scripts of initialisation.
  public static func toolImage(_ value: ToolImage) -> Self { Self(value) }
}

extension Blueprint {
  /// Every image with tools, in the order of the components; the first is used.
  public var toolImages: [Owned<ToolImage>] { self[ToolImage.self] }
}
