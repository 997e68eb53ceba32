internal import DioptraSystem

extension Variable {
  /// An image of the Dioptra project: by default `container_registry`/`container_namespace`/`image`:`container_tag`,
  /// where empty parts are left out with their slash.
  ///
  /// - Parameter entry: The image's name in the reference template's mapping of images.
  public static func projectImage(_ name: VariableName, image: String, entry: String) -> Variable {
    Variable(
      name, .image,
      default: .derived(explanation: "made of container_registry, container_namespace, '\(image)' and container_tag") {
        let parts = [try $0["container_registry"], try $0["container_namespace"], image].filter { !$0.isEmpty }
        return parts.joined(separator: "/") + ":" + (try $0["container_tag"])
      },
      help: "Image of Dioptra's \(image).", containerPart: .image(of: entry), followsRelease: true)
  }
}
