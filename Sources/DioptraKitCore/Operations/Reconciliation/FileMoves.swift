internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A file that is moved to another path.
struct FileMove: Equatable, Sendable {
  let from: String
  let to: String
}

extension [Migration] {
  /// The files that are moved.
  var moves: [FileMove] {
    flatMap(\.changes).compactMap { change in
      if case .moveFile(let old, let new) = change { FileMove(from: old, to: new) } else { nil }
    }
  }
}

/// Files that are moved, together with the user's edits.
struct FileMoves {
  /// The old path, by the new one.
  private let origins: [String: String]
  /// The old paths of moved files, including those of an apply interrupted before their removal.
  private let left: Set<String>

  /// Only files that are still at their old path, with nothing at the new one, are moved.
  init(_ moves: [FileMove], bases: [String: State.GenerationFile], in folder: ConfinedFolder) {
    var origins: [String: String] = [:]
    var left: Set<String> = []
    for move in moves where bases[move.from] != nil {
      if bases[move.to] != nil { left.insert(move.from) }
      guard bases[move.to] == nil, case .file? = try? folder.entry(move.from),
        .some(.none) == (try? folder.entry(move.to))
      else { continue }
      origins[move.to] = move.from
      left.insert(move.from)
    }
    self.origins = origins
    self.left = left
  }

  var destinations: Set<String> { Set(origins.keys) }

  func origin(of path: String) -> String? { origins[path] }

  /// A moved file is removed from its old path, edited or not.
  func takeAway(_ decision: inout Reconciler.Decision, _ sides: Reconciler.Sides) {
    guard left.contains(sides.path), sides.desired == nil, case .file = sides.actual else { return }
    decision.action = .delete
    decision.reason = nil
  }

  /// An unchanged file must still be written at its new path.
  func bring(_ decision: inout Reconciler.Decision, _ sides: Reconciler.Sides, secrets: SecretValues) {
    guard origins[sides.path] != nil, decision.write == nil, decision.action != .conflict,
      case .file(let bytes, let mode) = sides.actual
    else { return }
    decision.action = .create
    decision.write = FileVersion(text: StoredText(bytes, secrets: secrets), mode: mode)
    decision.recorded = decision.write
  }
}
