internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

extension Drift {
  /// The findings at and below some paths; all when none is given.
  public func findings(at paths: [String]) -> [DriftFinding] {
    guard !paths.isEmpty else { return findings }
    return findings.filter { finding in
      paths.contains { path in
        path.isEmpty || finding.isAt(path) || finding.place.isBelow(path)
          // What stands in a folder's place is the finding of all files below.
          || (finding.kind == .type && path.isBelow(finding.place))
      }
    }
  }

  /// The path inside the folder that a person means: as findings name it, or seen from the current folder.
  ///
  /// - Parameters:
  ///   - word: As the person wrote it.
  ///   - absolute: The absolute path of the word, seen from the current folder.
  /// - Returns: A path inside the folder; empty for the folder itself.
  /// - Throws: `DioptraError` when nothing is there and nothing was.
  public func path(of word: String, absolute: String) throws(DioptraError) -> String {
    let named = Self.normal(word)
    let root = folder.path == "/" ? "/" : folder.path + "/"
    let isInside = absolute.utf8.starts(with: root.utf8)
    let inside =
      absolute == folder.path ? "" : isInside ? String(Substring(absolute.utf8.dropFirst(root.utf8.count))) : nil
    // Findings name paths from the deployment's folder on, wherever the person stands; a dot is where that is.
    let isFromHere = [".", ".."].contains(word.pathParts.first ?? "")
    let candidates = word.hasPrefix("/") ? [inside] : isFromHere ? [inside, named] : [named, inside]
    for candidate in candidates.compactMap(\.self) where isAnything(candidate) { return candidate }
    // As findings show a path that is no harmless text.
    if let shown = findings.first(where: { $0.path == word }) { return shown.place }
    throw DioptraError(
      .fileUnknown, "\(word.quoted) is not a file of this deployment",
      remedy: "Give a path that \(dioptra: "drift") lists")
  }

  private func isAnything(_ path: String) -> Bool {
    if path.isEmpty || path == ConfigurationFile.name { return true }
    if recording.files.contains(where: { $0.path == path || $0.path.isBelow(path) }) { return true }
    if findings.contains(where: { $0.isAt(path) || $0.place.isBelow(path) }) { return true }
    return (try? folder.entry(path)) != nil
  }

  /// The path without `.`, empty parts and what `..` takes back; nil when it leads out of the folder.
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
