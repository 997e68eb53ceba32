internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
package import DioptraSystem

extension Drift {
  /// The findings at and below some paths; all when none is given.
  package func findings(at paths: [String]) -> [DriftFinding] {
    guard !paths.isEmpty else { return findings }
    return findings.filter { finding in
      paths.contains { path in
        path.isEmpty || finding.isAt(path) || finding.place.isBelow(path)
          // Something in place of a folder is the finding for all files below.
          || (finding.kind == .type && path.isBelow(finding.place))
      }
    }
  }

  /// The path inside the folder for a user's argument: as in findings, or relative to the current folder.
  ///
  /// - Parameters:
  /// - word: The argument.
  /// - absolute: The absolute path of the argument, relative to the current folder.
  /// - Returns: A path inside the folder; empty for the folder itself.
  /// - Throws: `DioptraError` if nothing is or was there.
  package func path(of word: String, absolute: String) throws(DioptraError) -> String {
    let named = Self.normal(word)
    let root = folder.path == "/" ? "/" : folder.path + "/"
    let isInside = absolute.utf8.starts(with: root.utf8)
    let inside =
      absolute == folder.path ? "" : isInside ? String(Substring(absolute.utf8.dropFirst(root.utf8.count))) : nil
    // Findings name paths relative to the deployment's folder; a path that begins with a dot is relative to the
    // current one.
    let isFromHere = [".", ".."].contains(word.pathParts.first ?? "")
    let candidates = word.hasPrefix("/") ? [inside] : isFromHere ? [inside, named] : [named, inside]
    for candidate in candidates.compactMap(\.self) where isAnything(candidate) { return candidate }
    // The form in which findings show a path that is not harmless text.
    if let shown = findings.first(where: { $0.path == word }) { return shown.place }
    throw DioptraError(
      .fileUnknown, "\(word.quoted) is not a file of this deployment",
      remedy: "Give a path that \(dioptra: "drift") lists")
  }

  private func isAnything(_ path: String) -> Bool {
    if path.isEmpty || path == ConfigurationFile.name { return true }
    if expected.files.contains(where: { $0.path == path || $0.path.isBelow(path) }) { return true }
    if findings.contains(where: { $0.isAt(path) || $0.place.isBelow(path) }) { return true }
    return (try? folder.entry(path)) != nil
  }

  /// The path without `.`, empty parts and what `..` cancels; nil if it leads out of the folder.
  private static func normal(_ path: String) -> String? {
    var parts: [String] = []
    for part in path.pathParts where !part.isEmpty && part != "." {
      guard part == ".." else {
        parts.append(part)
        continue
      }
      guard parts.popLast() != nil else { return nil }
    }
    return parts.joined(separator: "/")
  }
}
