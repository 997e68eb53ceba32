internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What is done at one path.
public enum FileAction: String, Codable, Sendable {
  case create
  case update
  /// The user's edit is kept; there is nothing new.
  case keep
  /// The user's edit and the new version are merged.
  case merge
  case conflict
  case delete
  /// The file is up to date.
  case same
}

/// How to resolve a conflict between the user's edit and the new version.
public enum ConflictChoice: String, Codable, Sendable, CaseIterable {
  case stop
  /// Keep the file on disk.
  case ours
  /// Take the new version; the file on disk is kept in `.dioptra/kept/`.
  case theirs
  /// Write both, with conflict markers.
  case markers
}

/// The user's resolution for one path.
public enum Resolution: Equatable, Sendable {
  case choice(ConflictChoice)
  case content([UInt8])
}

/// Decides file by file what to do, based on what was last written (base), the new version (desired) and the disk
/// (actual), separately for content, permission bits and kind of file.
struct Reconciler {
  /// What is at a path.
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
    /// Whether the file shows secrets, and so is restored if it is missing.
    let showsSecrets: Bool
  }

  /// What is done at a path, and what is expected there afterwards.
  struct Decision {
    let path: String
    let component: ComponentID
    var action: FileAction
    /// The new version for the disk; nil to leave it alone.
    var write: FileVersion?
    /// What is expected on disk afterwards; nil for no file.
    var recorded: FileVersion?
    /// Both sides with conflict markers, if lines conflict.
    var marked: StoredText?
    /// Why the sides cannot be merged.
    var reason: String?
    /// Whether a conflict was written into the file with markers, for the user to resolve.
    var isUndecided = false
  }

  let secrets: SecretValues

  func decide(_ sides: Sides) throws -> Decision {
    guard let desired = sides.desired else { return try decideRemoval(sides) }
    var decision = Decision(
      path: sides.path, component: sides.component, action: .same, write: nil, recorded: desired)
    switch sides.actual {
    case .absent:
      if sides.base == nil || sides.showsSecrets {
        decision.action = .create
        decision.write = desired
      } else {
        // Deleted by the user, and stays deleted.
        decision.action = .keep
        decision.recorded = sides.recorded
      }
    case .other(let entry):
      if let base = sides.base, base == desired {
        decision.action = .keep
        decision.recorded = sides.recorded
      } else {
        decision.action = .conflict
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
      decision.action = .conflict
      decision.reason = "a file that dioptra did not write stands in its place"
      return
    }
    if try bytes == base.text.bytes(secrets: secrets) {
      if decision.action == .conflict { return }
      decision.action = .update
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

  /// Keeps the content on disk; the mode may change.
  private func finish(
    _ decision: inout Decision, _ sides: Sides, _ version: FileVersion, actualMode: UInt32, edited: Bool
  ) {
    if decision.action == .conflict { return }
    if version.mode != actualMode {
      decision.action = .update
      decision.write = version
      let text = edited ? sides.recorded?.text : version.text
      decision.recorded = text.map { FileVersion(text: $0, mode: Self.recorded(version.mode, sides)) }
    } else if edited || sides.desired.map({ !actualMode.isAsGood(as: $0.mode) }) ?? true {
      decision.action = .keep
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
    decision.action = .conflict
    decision.reason = "its permissions were changed to \(actual.octal), and are to become \(desired.octal)"
    return actual
  }

  private func merge(
    _ decision: inout Decision, _ sides: Sides, _ base: StoredText, _ ours: StoredText, _ theirs: StoredText,
    mode: UInt32
  ) {
    let path = sides.path
    guard ours.isMergeable, base.isMergeable else {
      decision.action = .conflict
      decision.reason = "it was replaced by something that is no text"
      return
    }
    // A value shared by several secrets, such as a renamed one, has the same name in all texts.
    let hasUnixEnds = sides.recorded.map { $0.text == $0.text.withUnixLineEnds } ?? false
    let names = secrets.longestFirst.reduce(into: [String: SecretReference]()) { names, secret in
      if names[secret.value] == nil { names[secret.value] = secret.reference }
    }
    let texts = [base, ours, theirs].map { $0.naming(secrets, names).characters }
    let merge = ThreeWayMerge(base: texts[0], ours: texts[1], theirs: texts[2])
    decision.marked = StoredText(merge.markedText(ours: ConflictMarkers.ours, theirs: ConflictMarkers.theirs))
    guard let text = merge.text.map({ StoredText($0) }) else {
      decision.action = .conflict
      decision.reason = "the same lines were changed by you and by dioptra"
      return
    }
    if path.hasSuffix(".yml") || path.hasSuffix(".yaml"), !YAMLText.isValid(text.masked) {
      decision.action = .conflict
      decision.reason = "your lines and dioptra's do not make valid YAML together"
      return
    }
    if decision.action == .conflict { return }
    decision.action = .merge
    decision.write = FileVersion(text: text, mode: mode)
    // Line endings that were not accepted are kept, and stay a difference.
    decision.recorded = FileVersion(
      text: hasUnixEnds ? text.withUnixLineEnds : text, mode: Self.recorded(mode, sides))
  }

  /// The permissions to record for a file that is not changed: the wanted ones if the actual ones are as good.
  /// Permissions that open a file with secrets stay a difference until they are accepted.
  static func recorded(_ mode: UInt32, _ sides: Sides) -> UInt32 {
    guard let desired = sides.desired?.mode else { return mode }
    if mode.isAsGood(as: desired) { return desired }
    return desired & 0o077 == 0 && mode & 0o077 != 0 ? sides.recorded?.mode ?? desired : mode
  }

  /// A file that is no longer needed.
  private func decideRemoval(_ sides: Sides) throws -> Decision {
    var decision = Decision(path: sides.path, component: sides.component, action: .same, write: nil, recorded: nil)
    switch sides.actual {
    case .absent: break
    case .file(let bytes, let mode):
      if let base = sides.base, mode.isAsGood(as: base.mode),
        try bytes.withUnixLineEnds == base.text.bytes(secrets: secrets).withUnixLineEnds
      {
        decision.action = .delete
      } else {
        decision.action = .conflict
        decision.reason = "dioptra no longer wants it, but it was changed"
      }
    case .other: decision.action = .keep
    }
    return decision
  }
}

extension ConfinedFolder.Entry {
  /// Why a file cannot be written in its place.
  var obstacle: String {
    switch self {
    case .file: "it has more than \(ConfinedFolder.comparable >> 20) MB, too much to be compared"
    case .folder, .other: "a \(text) stands in the file's place"
    case .link: "a symbolic link stands in its place, or on the way to it"
    }
  }
}

extension UInt32 {
  /// Permission bits in octal: `0644`.
  var octal: String {
    let digits = String(self, radix: 8)
    return String(repeating: "0", count: Swift.max(0, 4 - digits.count)) + digits
  }
}
