internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A backup may be anybody's: what it says of itself is used only once it is what it can be.
extension BackupOrigin {
  /// - Throws: `DioptraError` that names what is not.
  func check() throws(DioptraError) {
    let isSlug = (try? VariableType.slug.canonical(slug).get()) == slug
    let facts = [
      ("id", id, Self.isName(id)), ("deployment", deployment, Self.isName(deployment)), ("slug", slug, isSlug),
      ("folder", folder, folder.hasPrefix("/") && !folder.utf8.contains(0)),
      ("release", release, release.isEmpty || release.isImageTag),
      (
        "version", version,
        version.utf8.count <= 64 && version.consists { $0.isASCIIAlphanumeric || ".-+".contains($0) }
      ),
      ("createdAt", createdAt, Timestamp(rfc3339: createdAt)?.description == createdAt),
      ("templateVersion", String(templateVersion), templateVersion >= 0),
      ("stateVersion", String(stateVersion), stateVersion > 0),
      ("generation", generation.map { String($0) } ?? "", generation.map { $0 > 0 } ?? true),
    ]
    for (name, value, isRight) in facts where !isRight {
      throw BackupSeal.damaged("its \(name) \(value.quoted) is not valid")
    }
  }

  /// As `Identity.newName` makes them.
  private static func isName(_ text: String) -> Bool {
    text.utf8.count == 16 && text.consists { $0.isASCIIDigit || ("a"..."f").contains($0) && $0.isASCII }
  }
}
