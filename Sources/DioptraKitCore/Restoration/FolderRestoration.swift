/// Puts State and the files of a backup into a folder. What they replace is kept in `.dioptra`.
struct FolderRestoration {
  let backup: Backup
  let folder: ConfinedFolder
  let plan: RestorationPlan
  let now: Timestamp

  /// Letters and digits of the moment, for names of what is kept.
  private var stamp: String { now.description.filter { $0.isNumber || $0.isLetter } }

  /// Writes everything; it is on the disk when this returns. The holder of the lock calls this.
  func run() async throws {
    var mark = UnfinishedRestoration(backup: backup.origin.id, path: backup.path, hasState: plan.hasState)
    try mark.write(in: folder)
    if !plan.hasState {
      try await writeState()
      mark.hasState = true
      try mark.write(in: folder)
    }
    try await backup.forEachMember(of: [.folder, .file]) { member, content in
      guard let path = member.path else { return }
      if member.kind == .folder {
        try keep(path, unless: .folder)
        try folder.makeFolder(path, mode: member.mode)
      } else {
        try write(member, to: path, content)
      }
    }
    try folder.sync()
  }

  private func write(_ member: BackupMember, to path: String, _ content: BackupMemberReader) throws {
    if case .file(let mode)? = try folder.entry(path), try folder.holds(member, at: path) {
      guard mode != member.mode else { return }
    } else {
      try keep(path)
    }
    try stage(path, mode: member.mode, content)
    try folder.publish(path)
  }

  private func writeState() async throws {
    try await backup.forEachMember(of: [.state]) { _, content in
      try stage(State.file, mode: 0o600, content)
    }
    try folder.sync()
    // Without its journal a database that was cut off in the middle of a write is of no use, and with another's neither.
    for ending in ["", "-journal"] where try folder.entry(State.file + ending) != nil {
      try folder.move(State.file + ending, to: "\(State.file).before-restore-\(stamp)\(ending)")
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

  /// Moves what stands at a path to the files that are kept.
  private func keep(_ path: String, unless fitting: ConfinedFolder.Entry? = nil) throws {
    guard let entry = try folder.entry(path), entry != fitting else { return }
    try folder.move(path, to: "\(KeptFiles.root)/restore-\(stamp)/\(path)")
  }
}
