internal import DioptraSystem

/// Mirrors in place of registries, or of parts of them: whatever a component calls an image has its mirror's name in the
/// blueprint, and so everywhere else.
package struct RegistryMirrors: Sendable {
  /// The variable with the user's mirrors, as pairs `REGISTRY=MIRROR`.
  package static let variable: VariableName = "registry_mirrors"

  /// The parts of what is mirrored, and the mirror: more parts first.
  private let mirrors: [(parts: [Substring], mirror: String)]
  private let dialect: any PlatformDialect

  /// - Parameter value: In the canonical form of `VariableType.registryMirrors`.
  package init(_ value: String, in dialect: any PlatformDialect) {
    self.dialect = dialect
    mirrors = value.split(separator: " ").compactMap { pair in
      let sides = pair.split(separator: "=")
      return sides.count == 2 ? (sides[0].split(separator: "/"), String(sides[1])) : nil
    }.sorted { $0.parts.count > $1.parts.count }
  }

  /// Those of a configuration; none if no component declares the variable.
  init(in configuration: Configuration) {
    self.init(configuration.entry(Self.variable)?.value ?? "", in: configuration.dialect)
  }

  var isEmpty: Bool { mirrors.isEmpty }

  /// An image's name in the mirror of the longest part of its full name; its own name if there is no mirror.
  ///
  /// A name that a mirror gave it stays: a mirror is never mirrored.
  package func name(of image: Text) -> Text {
    guard !image.isMirrored, let written = image.characters, !written.isEmpty else { return image }
    let full = dialect.fullName(ofImage: image)
    let parts = (full.characters ?? written).imagePath.split(separator: "/")
    guard let (mirrored, mirror) = mirrors.first(where: { parts.starts(with: $0.parts) }) else { return image }
    let length = mirrored.joined(separator: "/").count
    return Text(segments: [.variable(Self.variable, value: mirror)]) + full.droppingFirst(length)
  }

  /// The contribution with its images' names in their mirrors.
  func applied(to contribution: Owned<Contribution>) -> Owned<Contribution> {
    let value = contribution.value.value.renamingImages(name)
    return Owned(owner: contribution.owner, value: Contribution(value))
  }
}

extension Text {
  /// Whether an image's name is one that a mirror gave it.
  package var isMirrored: Bool {
    guard case .variable(RegistryMirrors.variable, _)? = segments.first?.content else { return false }
    return true
  }

  /// The text without so many characters at its beginning.
  fileprivate func droppingFirst(_ count: Int) -> Text {
    var left = count
    return Text(
      segments: segments.compactMap { segment in
        guard left > 0, let characters = segment.characters else { return segment }
        let rest = String(characters.dropFirst(left))
        left -= characters.count - rest.count
        return rest.isEmpty ? nil : segment.with(rest)
      })
  }
}

extension String {
  /// An image's name without its tag and its digest.
  fileprivate var imagePath: Substring {
    let last = lastIndex(of: "/").map { index(after: $0) } ?? startIndex
    return self[..<(self[last...].firstIndex { $0 == ":" || $0 == "@" } ?? endIndex)]
  }
}
