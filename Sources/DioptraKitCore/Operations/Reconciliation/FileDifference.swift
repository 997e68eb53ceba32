internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension FolderPlan {
  /// A unified diff of one file, with each secret as `‹name›`; nil if no text differs.
  ///
  /// For a conflict, it is the diff from the user's version.
  package func difference(at path: String) throws -> String? {
    if path == ConfigurationFile.name {
      let before = try folder.read(path).map { String(exactly: $0) }
      let difference = UnifiedDiff(from: before, to: target.configuration, path: path)
      return difference.text.isEmpty ? nil : difference.visible
    }
    guard let sides = sides[path], let decision = decisions.first(where: { $0.path == path }) else { return nil }
    var before: [UInt8]?
    if case .file(let bytes, _) = sides.actual { before = bytes }
    let version = decision.action == .conflict ? sides.desired : decision.write
    let after = try version?.text.bytes(secrets: secrets)
    guard before != after else { return nil }
    guard let lines = ShownLines(old: before, new: after) else { return "\(path): binary, differs\n" }
    let known = try [sides.base, sides.desired].flatMap { try $0?.text.bytes(secrets: secrets) ?? [] }
    let shown = lines.shown(SecretMask(secrets), isPrivate: sides.isPrivate, rendered: known)
    let difference = UnifiedDiff(from: shown.old, to: shown.new, path: path)
    return difference.text.isEmpty ? nil : difference.visible
  }
}
