internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension Reconciler.Decision {
  /// A user's edits to a file of the reference template are never merged with different text: the user decides. The
  /// base of an adopted file is the file on disk without these lines.
  mutating func respectEdits(of sides: Reconciler.Sides, secrets: SecretValues) {
    guard let base = sides.base, let recorded = sides.recorded, recorded.text != base.text, action != .same,
      action != .keep, action != .create
    else { return }
    guard case .file(let bytes, _) = sides.actual else { return }
    action = .conflict
    write = nil
    let lines = UserLines(base: base.text, ours: StoredText(bytes, secrets: secrets), isPrivate: sides.isPrivate)
    reason = "it has \(lines.text)"
  }
}

extension Reconciler.Sides {
  /// Whether the user's own lines may contain secrets.
  var isPrivate: Bool {
    path.isPrivate || [base?.mode, recorded?.mode, desired?.mode].contains { $0.map { $0 & 0o077 == 0 } ?? false }
  }
}

/// The lines of a file that are the user's.
struct UserLines {
  /// Numbered from 1.
  let lines: [(number: Int, text: String)]
  private let isPrivate: Bool

  /// - Parameter isPrivate: Whether the lines may contain unknown secrets.
  init(base: StoredText, ours: StoredText, isPrivate: Bool) {
    let before = base.characters.linesWithEnds.map { Array($0.utf8) }
    let after = ours.characters.linesWithEnds
    let changes = LineDifference(from: before, to: after.map { Array($0.utf8) }).changes
    lines = changes.flatMap(\.new).map { ($0 + 1, StoredText(after[$0]).masked) }
    self.isPrivate = isPrivate
  }

  /// The number of lines that are shown.
  private static let shown = 5

  /// Completes "it has …".
  var text: String {
    let numbers = lines.map(\.number)
    guard !isPrivate else {
      return "\(numbers.count == 1 ? "a line" : "lines") of yours: \(numbers.map(String.init).joined(separator: ", "))"
    }
    let shown = lines.prefix(Self.shown).map { number, text in
      "\n    \(number): \(text.trimmingSuffix(while: \.isNewline).withVisibleControls)"
    }
    let more = lines.count > Self.shown ? "\n    and \(lines.count - Self.shown) more" : ""
    return "\(lines.count == 1 ? "a line" : "\(lines.count) lines") of yours:" + shown.joined() + more
  }
}
