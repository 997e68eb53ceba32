internal import CSQLite
internal import DioptraModel
internal import DioptraSystem

/// Copies of a database, as bytes, in memory and in another file.
extension Database {
  /// A copy in memory that can be changed independently.
  convenience init(inMemory original: Database) throws(DioptraError) {
    try self.init(
      Self.open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, called: original.path), path: original.path,
      folder: original.folder, place: nil)
    guard let backup = sqlite3_backup_init(handle, "main", original.handle, "main") else { throw failure() }
    sqlite3_backup_step(backup, -1)
    guard sqlite3_backup_finish(backup) == SQLITE_OK else { throw failure() }
  }

  /// A database in memory with the bytes of a file, or an empty one; it can be changed independently.
  convenience init(bytes: [UInt8], called name: String) throws(DioptraError) {
    try self.init(
      Self.open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, called: name), path: name, folder: name,
      place: nil)
    if !bytes.isEmpty {
      let count = sqlite3_int64(bytes.count)
      let copy = sqlite3_malloc64(sqlite3_uint64(count))
      bytes.withUnsafeBytes {
        if let start = $0.baseAddress { _ = copy?.copyMemory(from: start, byteCount: bytes.count) }
      }
      let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
      let isTaken = sqlite3_deserialize(
        handle, "main", copy?.assumingMemoryBound(to: UInt8.self), count, count, flags)
      guard isTaken == SQLITE_OK else { throw failure() }
    }
    try execute("PRAGMA temp_store = MEMORY")
    try prove()
  }

  /// The bytes of a file with the current content of the database and no remains. Nothing is written anywhere.
  func compactBytes() throws(DioptraError) -> [UInt8] {
    let copy = try Database(inMemory: self)
    try copy.execute("PRAGMA temp_store = MEMORY; VACUUM")
    var count: sqlite3_int64 = 0
    guard let start = sqlite3_serialize(copy.handle, "main", &count, 0) else { throw copy.failure() }
    defer { sqlite3_free(start) }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// Copies everything into an existing empty file next to the database.
  ///
  /// SQLite keeps that file's permissions; a file that it creates itself would have those of the umask.
  func copy(into name: String) throws(DioptraError) {
    guard let place else { return }
    try run("VACUUM INTO ?", [.text(place.address(of: name))])
  }
}
