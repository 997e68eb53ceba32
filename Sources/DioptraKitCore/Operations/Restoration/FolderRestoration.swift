internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Writes State and the files of a backup to a folder. Replaced files are kept in `.dioptra`.
struct FolderRestoration {
  let backup: Backup
  let folder: ConfinedFolder
  let plan: RestorationPlan
  let now: Timestamp

  /// Writes everything durably. The holder of the lock calls this.
  func run() async throws {
    var marker = UnfinishedRestoration(backup: backup.origin.id, path: backup.path, hasState: plan.hasState)
    try marker.write(in: folder)
    if !plan.hasState {
      try await writeState()
      marker.hasState = true
      try marker.write(in: folder)
    }
    try await backup.forEachMember(of: [.folder, .file]) { member, content in
      guard let path = member.path else { return }
      if member.kind == .folder {
        try keep(path, unless: .folder)
        // Until the folder is complete, its owner needs access.
        try folder.makeFolder(path, mode: member.mode | 0o700)
      } else {
        try write(member, to: path, content)
      }
    }
    for member in backup.members.reversed() where member.kind == .folder {
      if let path = member.path { try folder.setMode(ofFolder: path, member.mode) }
    }
    try folder.sync()
  }

  private func write(_ member: BackupMember, to path: String, _ content: BackupMemberReader) throws {
    var isSame = false
    if case .file(let mode)? = try folder.entry(path), try folder.holds(member, at: path) {
      guard mode != member.mode else { return }
      isSame = true
    }
    try stage(path, mode: member.mode, content)
    if isSame { return try folder.publish(path) }
    // Including whatever was put there meanwhile.
    repeat { try keep(path) } while try !folder.publishIfFree(path)
  }

  private func writeState() async throws {
    try await backup.forEachMember(of: [.state]) { _, content in
      try stage(State.file, mode: 0o600, content)
    }
    try folder.sync()
    let kept = try KeptFiles(in: folder).placeOfState(before: now)
    // An interrupted database is useless without its journal, and with another one.
    for ending in ["", "-journal"] where try folder.entry(State.file + ending) != nil {
      guard try folder.move(State.file + ending, to: kept + ending) else {
        throw DioptraError(
          .changedMeanwhile, "\(kept)\(ending) was made by another program in the meantime",
          remedy: "Run the command again")
      }
    }
    try folder.publish(State.file, synced: true)
  }

  private func stage(_ path: String, mode: UInt32, _ content: BackupMemberReader) throws {
    let file = try folder.openStaged(path, mode: mode)
    do {
      while let piece = try content.next() { try file.write(piece) }
      try file.finish(synced: false)
    } catch {
      folder.discardStaged(path)
      throw error
    }
  }

  /// Moves whatever is at a path to the kept files.
  private func keep(_ path: String, unless fitting: ConfinedFolder.Entry? = nil) throws {
    guard let entry = try folder.entry(path), entry != fitting else { return }
    try KeptFiles(in: folder).move(path, below: KeptFiles.name(ofRestorationAt: now))
  }
}
