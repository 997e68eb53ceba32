internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What is done at one path.
public enum Outcome: String, Codable, Sendable {
  case create
  case update
  /// The user's edit stays; nothing new is wanted.
  case keep
  /// The user's edit and what is new are put together.
  case merge
  case conflict
  case delete
  /// The file is as it should be.
  case same
}

/// What to do where the user's edit and what is wanted do not fit together.
public enum ConflictChoice: String, Codable, Sendable, CaseIterable {
  case stop
  /// What is on disk.
  case ours
  /// What is wanted; what was on disk is kept below `.dioptra/kept/`.
  case theirs
  /// Both, between marker lines.
  case markers
}

/// The user's decision about one path.
public enum Resolution: Equatable, Sendable {
  case choice(ConflictChoice)
  case content([UInt8])
}

/// Finds out file by file what to do, from what was written last (base), what is wanted now (desired) and what is there
/// (actual): content, permission bits and kind of file each for themselves.
struct Reconciler {
  /// What stands at a path.
  enum Actual: Equatable {
    case absent
    case file([UInt8], mode: UInt32)
    case other(ConfinedFolder.Entry)
  }

  /// A path with its three sides.
  struct Sides {
    let path: String
    let component: ComponentID
    let base: FileVersion?
    /// What was expected on disk after the last apply.
    let recorded: FileVersion?
    let desired: FileVersion?
    let actual: Actual
    /// Whether the file is a projection of secrets, which is brought back when it is missing.
    let showsSecrets: Bool
  }

  /// What is done at a path, and what is expected there afterwards.
  struct Decision {
    let path: String
    let component: ComponentID
    var outcome: Outcome
    /// What the disk gets; nil to leave it alone.
    var write: FileVersion?
    /// What is expected on disk afterwards; nil for no file.
    var recorded: FileVersion?
    /// Both sides with markers, where there is a conflict of lines.
    var marked: StoredText?
    /// Why the sides do not fit together.
    var reason: String?
    /// Whether a conflict was put off: the file has both sides, for a person to choose.
    var isUndecided = false
  }

  let secrets: SecretValues

  func decide(_ sides: Sides) throws -> Decision {
    guard let desired = sides.desired else { return try decideRemoval(sides) }
    var decision = Decision(
      path: sides.path, component: sides.component, outcome: .same, write: nil, recorded: desired)
    switch sides.actual {
    case .absent:
      if sides.base == nil || sides.showsSecrets {
        decision.outcome = .create
        decision.write = desired
      } else {
        // Deleted by the user, and stays so.
        decision.outcome = .keep
        decision.recorded = sides.recorded
      }
    case .other(let entry):
      if let base = sides.base, base == desired {
        decision.outcome = .keep
        decision.recorded = sides.recorded
      } else {
        decision.outcome = .conflict
        decision.reason = entry.obstacle
      }
    case .file(let bytes, let mode):
      try decide(&decision, sides, desired, bytes, mode)
    }
    return decision
  }

  private func decide(
    _ decision: inout Decision, _ sides: Sides, _ desired: FileVersion, _ bytes: [UInt8], _ mode: UInt32
  ) throws {
    let wantedMode = try mergedMode(&decision, base: sides.base?.mode, desired: desired.mode, actual: mode)
    if try bytes == desired.text.bytes(secrets: secrets) {
      finish(&decision, sides, FileVersion(text: desired.text, mode: wantedMode), actualMode: mode, edited: false)
      return
    }
    guard let base = sides.base else {
      decision.outcome = .conflict
      decision.reason = "a file that dioptra did not write stands in its place"
      return
    }
    if try bytes == base.text.bytes(secrets: secrets) {
      if decision.outcome == .conflict { return }
      decision.outcome = .update
      decision.write = FileVersion(text: desired.text, mode: wantedMode)
      decision.recorded = FileVersion(text: desired.text, mode: Self.recorded(wantedMode, sides))
      return
    }
    let ours = StoredText(bytes, secrets: secrets)
    if base.text == desired.text {
      finish(&decision, sides, FileVersion(text: ours, mode: wantedMode), actualMode: mode, edited: true)
      return
    }
    merge(&decision, sides, base.text, ours, desired.text, mode: wantedMode)
  }

  /// The content stays as it is on disk; the mode may change.
  private func finish(
    _ decision: inout Decision, _ sides: Sides, _ version: FileVersion, actualMode: UInt32, edited: Bool
  ) {
    if decision.outcome == .conflict { return }
    if version.mode != actualMode {
      decision.outcome = .update
      decision.write = version
      let text = edited ? sides.recorded?.text : version.text
      decision.recorded = text.map { FileVersion(text: $0, mode: Self.recorded(version.mode, sides)) }
    } else if edited || sides.desired.map({ !actualMode.isAsGood(as: $0.mode) }) ?? true {
      decision.outcome = .keep
      decision.recorded = sides.recorded ?? sides.desired
    }
  }

  private func mergedMode(
    _ decision: inout Decision, base: UInt32?, desired: UInt32, actual: UInt32
  ) throws -> UInt32 {
    guard let base else { return actual.isAsGood(as: desired) ? actual : desired }
    if actual == base || actual == desired { return desired }
    if desired == base { return actual }
    if actual.isAsGood(as: base), let mode = actual.becoming(desired) { return mode }
    decision.outcome = .conflict
    decision.reason = "its permissions were changed to \(actual.octal), and are to become \(desired.octal)"
    return actual
  }

  private func merge(
    _ decision: inout Decision, _ sides: Sides, _ base: StoredText, _ ours: StoredText, _ theirs: StoredText,
    mode: UInt32
  ) {
    let path = sides.path
    guard ours.isMergeable, base.isMergeable else {
      decision.outcome = .conflict
      decision.reason = "it was replaced by something that is no text"
      return
    }
    // A value that secrets share, such as one that was renamed, is one and the same in all texts.
    let hasUnixEnds = sides.recorded.map { $0.text == $0.text.withUnixLineEnds } ?? false
    let names = secrets.longestFirst.reduce(into: [String: SecretReference]()) { names, secret in
      if names[secret.value] == nil { names[secret.value] = secret.reference }
    }
    let texts = [base, ours, theirs].map { $0.naming(secrets, names).characters }
    let merge = ThreeWayMerge(base: texts[0], ours: texts[1], theirs: texts[2])
    decision.marked = StoredText(merge.markedText(ours: ConflictMarkers.ours, theirs: ConflictMarkers.theirs))
    guard let text = merge.text.map({ StoredText($0) }) else {
      decision.outcome = .conflict
      decision.reason = "the same lines were changed by you and by dioptra"
      return
    }
    if path.hasSuffix(".yml") || path.hasSuffix(".yaml"), !YAMLText.isValid(text.masked) {
      decision.outcome = .conflict
      decision.reason = "your lines and dioptra's do not make valid YAML together"
      return
    }
    if decision.outcome == .conflict { return }
    decision.outcome = .merge
    decision.write = FileVersion(text: text, mode: mode)
    // Ends of lines that nobody accepted are kept, and stay a difference.
    decision.recorded = FileVersion(
      text: hasUnixEnds ? text.withUnixLineEnds : text, mode: Self.recorded(mode, sides))
  }

  /// What is recorded of permissions that stay: those that were wanted where they do as well. Such as opened a file with
  /// secrets are a difference until somebody accepts them.
  static func recorded(_ mode: UInt32, _ sides: Sides) -> UInt32 {
    guard let desired = sides.desired?.mode else { return mode }
    if mode.isAsGood(as: desired) { return desired }
    return desired & 0o077 == 0 && mode & 0o077 != 0 ? sides.recorded?.mode ?? desired : mode
  }

  /// A file that is no longer wanted.
  private func decideRemoval(_ sides: Sides) throws -> Decision {
    var decision = Decision(path: sides.path, component: sides.component, outcome: .same, write: nil, recorded: nil)
    switch sides.actual {
    case .absent: break
    case .file(let bytes, let mode):
      if let base = sides.base, mode.isAsGood(as: base.mode),
        try bytes.withUnixLineEnds == base.text.bytes(secrets: secrets).withUnixLineEnds
      {
        decision.outcome = .delete
      } else {
        decision.outcome = .conflict
        decision.reason = "dioptra no longer wants it, but it was changed"
      }
    case .other: decision.outcome = .keep
    }
    return decision
  }
}

extension ConfinedFolder.Entry {
  /// Why a file cannot be written in its place.
  var obstacle: String {
    switch self {
    case .file: "it has more than \(ConfinedFolder.comparable >> 20) MB, too much to be compared"
    case .folder, .other: "a \(words) stands in the file's place"
    case .link: "a symbolic link stands in its place, or on the way to it"
    }
  }
}

extension UInt32 {
  /// Permission bits as people write them: `0644`.
  var octal: String {
    let digits = String(self, radix: 8)
    return String(repeating: "0", count: Swift.max(0, 4 - digits.count)) + digits
  }
}
