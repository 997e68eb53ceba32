internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A line of a file, as a person counts it who looks at the file.
enum ExplainedLine {
  /// The characters as the components say them.
  case rendered([Text.Segment])
  /// A line of the user's; nil where it is not shown.
  case own(String?)

  /// - Parameter line: From 1 on: of what is on disk, for an older generation of what it expected there.
  /// - Throws: `DioptraError` when the file has no such line.
  init(_ line: Int, of file: ExplainedFile, _ explainer: Explainer) throws {
    let rendered = StoredText(file.text)
    let secrets = try explainer.state?.secretValues() ?? SecretValues([:])
    let shown = try Self.shown(file, rendered, secrets, explainer)
    guard shown.isMergeable else {
      throw DioptraError(
        .fileUnsuitable, "\(file.path) has bytes that are not text", remedy: "Explain the file, without a line")
    }
    let lines = shown.masked.linesWithEnds
    guard line <= lines.count else {
      throw DioptraError(
        .fileUnknown, "\(file.path) has no line \(line)",
        remedy: lines.isEmpty ? "The file is empty" : "Give a line from 1 to \(lines.count)")
    }
    var original = line - 1
    if shown != rendered {
      for change in LineDifference(from: rendered.masked.linesWithEnds, to: lines).changes {
        guard change.new.lowerBound < line else { break }
        guard !change.new.contains(line - 1) else {
          let isPrivate = file.path.isPrivate || file.mode & 0o077 == 0
          self = .own(isPrivate ? nil : StoredText(lines[line - 1].withoutEnd).shown(hiding: SecretMask(secrets)))
          return
        }
        original = line - 1 - change.new.upperBound + change.old.upperBound
      }
    }
    self = .rendered(file.text.line(original))
  }

  /// What a person sees. Where a secret is too short to be told from other text, the text itself says where it stands.
  private static func shown(
    _ file: ExplainedFile, _ rendered: StoredText, _ secrets: SecretValues, _ explainer: Explainer
  ) throws -> StoredText {
    func known(_ bytes: [UInt8]) throws -> StoredText {
      try rendered.bytes(secrets: secrets) == bytes ? rendered : StoredText(bytes, secrets: secrets)
    }
    guard let record = file.record else { return rendered }
    if file.generation == nil, case .file(let bytes, _) = try explainer.folder.actual(file.path) {
      return try known(bytes)
    }
    guard let recorded = record.recorded, recorded.text != record.rendered.text else { return rendered }
    return recorded.text.isMergeable ? try known(recorded.text.bytes(secrets: secrets)) : recorded.text
  }
}

extension Text {
  /// The segments of a line, from 0 on.
  fileprivate func line(_ wanted: Int) -> [Text.Segment] {
    var current = 0
    var found: [Text.Segment] = []
    for segment in segments {
      for (index, part) in segment.lines.enumerated() {
        if index > 0 { current += 1 }
        if current == wanted, part.content != .literal("") { found.append(part) }
      }
      if current > wanted { break }
    }
    return found
  }
}

extension String {
  fileprivate var withoutEnd: String { lines.first ?? "" }
}
