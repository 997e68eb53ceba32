internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension FolderPlan {
  static let conflictsFolder = "\(State.folder)/conflicts"

  /// Writes both sides of each conflict as files for the user.
  func writeConflicts() throws {
    let root = Self.conflictsFolder
    try folder.removeTree(root)
    for conflict in decisions where conflict.action == .conflict {
      guard let sides = sides[conflict.path] else { continue }
      func write(_ name: String, _ bytes: [UInt8]) throws {
        try folder.write("\(root)/\(conflict.path).\(name)", bytes, mode: 0o600, folderMode: 0o700)
      }
      if case .file(let bytes, _) = sides.actual { try write("ours", bytes) }
      if let desired = sides.desired { try write("theirs", desired.text.bytes(secrets: secrets)) }
      if let marked = conflict.marked { try write("markers", marked.bytes(secrets: secrets)) }
    }
  }

  var conflictError: DioptraError {
    let list = conflicts.map { "  \($0.path): \($0.reason ?? "")" }.joined(separator: "\n")
    let count = conflicts.count
    return DioptraError(
      .conflict,
      "\(count) \(count == 1 ? "file needs" : "files need") a decision, and nothing was changed:\n\(list)\n"
        + "Both sides are in \(folder.path)/\(Self.conflictsFolder)",
      remedy: "Decide with --resolve PATH=ours, =theirs or =FILE, or for all of them with --conflict")
  }

  /// Applies the user's resolution of one conflict.
  func resolve(
    _ decision: inout Reconciler.Decision, _ sides: Reconciler.Sides, _ resolution: Resolution
  ) throws {
    let mode: UInt32 = if case .file(_, let mode) = sides.actual { mode } else { sides.desired?.mode ?? 0o644 }
    switch resolution {
    case .choice(.stop): return
    case .choice(.ours):
      decision.action = .keep
      if case .file(let bytes, _) = sides.actual {
        decision.recorded = FileVersion(
          text: StoredText(bytes, secrets: secrets), mode: Reconciler.recorded(mode, sides))
      } else {
        decision.recorded = sides.recorded
      }
    case .choice(.theirs):
      if case .other(let entry) = sides.actual,
        try entry == .folder || entry.isFile || folder.obstacle(to: decision.path) != nil
      {
        throw DioptraError(
          .fileUnsuitable, "\(decision.path) cannot be replaced: \(entry.obstacle)",
          remedy: "Move that away, then try again")
      }
      decision.action = sides.desired == nil ? .delete : .update
      decision.write = sides.desired
      decision.recorded = sides.desired
    case .choice(.markers):
      guard let marked = decision.marked else { return }
      decision.action = .merge
      decision.write = FileVersion(text: marked, mode: mode)
      decision.recorded = FileVersion(text: marked, mode: Reconciler.recorded(mode, sides))
      decision.isUndecided = true
    case .content(let bytes):
      decision.action = .update
      let text = StoredText(bytes, secrets: secrets)
      decision.write = FileVersion(text: text, mode: mode)
      decision.recorded = FileVersion(text: text, mode: Reconciler.recorded(mode, sides))
    }
    decision.reason = nil
  }

  /// What each path was last rendered as.
  ///
  /// After interrupted applies, a file that one of them has put in place counts as rendered by that generation, any
  /// other by the applied one.
  static func bases(
    _ applied: State.Generation?, _ unfinished: [State.Generation], state: State?, adopted: RenderedTree?,
    in folder: ConfinedFolder, secrets: SecretValues
  ) throws -> [String: State.GenerationFile] {
    var bases = applied?.files ?? [:]
    if applied == nil, let adopted {
      for file in adopted.files {
        let version = FileVersion(text: StoredText(file), mode: file.permissions.mode)
        bases[file.path] = State.GenerationFile(component: file.component, rendered: version, recorded: version)
      }
    }
    guard let state else { return bases }
    for generation in unfinished {
      for change in try state.changes(of: generation.id) {
        guard let new = generation.files[change.path] else {
          if (try? folder.actual(change.path)) == .absent { bases[change.path] = nil }
          continue
        }
        guard let result = change.result, case .file(let bytes, _)? = try? folder.actual(change.path),
          try result.text.bytes(secrets: secrets) == bytes
        else { continue }
        bases[change.path] = new
      }
    }
    return bases
  }
}

extension ConfinedFolder {
  /// What is at a path. For a symbolic link it is the link, and a file too large to compare does not count as a file.
  func actual(_ path: String) throws -> Reconciler.Actual {
    if let obstacle = try obstacle(to: path) { return .other(obstacle.entry) }
    switch try entry(path) {
    case nil: return .absent
    case .file(let mode)? where try size(of: path) > ConfinedFolder.comparable: return .other(.file(mode: mode))
    case .file(let mode)?: return .file(try read(path) ?? [], mode: mode)
    case let entry?: return .other(entry)
    }
  }
}
