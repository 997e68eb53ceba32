internal import Glibc

/// The file that names the holder of the `FolderLock`, for other hosts that share the folder and may not see the lock.
///
/// On this host the lock decides, and a note left by a dead process is replaced. That of another host is valid for a
/// day.
struct HolderNote: Sendable {
  static let file = "\(FolderLock.file).holder"
  private static let day = 86_400

  /// The name of this host.
  static let host: String = {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, 255)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  /// Of the name under which this host writes its notes. Among its processes, the lock decides who does.
  private static let ending = String(host.filter { $0 != "/" })

  private let folder: ConfinedFolder

  /// Creates the note. The holder of the lock calls this.
  ///
  /// - Returns: nil if it cannot be written, for example on a full disk.
  /// - Throws: `DioptraError` if the holder on another host has one.
  init?(_ text: String, in folder: ConfinedFolder, now: Timestamp) throws(DioptraError) {
    self.folder = folder
    for _ in 0..<20 {
      if try folder.create(Self.file, text, writtenWith: Self.ending) { return }
      guard errno == EEXIST else { return nil }
      if let other = Self.ofOtherHost(in: folder, now: now) { throw Self.refusal(folder, other.text) }
      // A note that its holder has just removed may be followed by another host's, which must stay.
      if Self.text(in: folder) != nil { remove() }
    }
    return nil
  }

  func remove() {
    try? folder.remove(Self.file)
  }

  /// The note of another host's holder; nil if there is none, or only an old one.
  static func ofOtherHost(in folder: ConfinedFolder, now: Timestamp) -> (text: String, since: Timestamp?)? {
    // Only a disk that lost its last writes leaves an empty note.
    guard let text = text(in: folder), !text.isEmpty else { return nil }
    let since = since(text)
    guard !text.contains(" on \(host), since "), isRecent(since, now) else { return nil }
    return (text, since)
  }

  /// Refuses to proceed while a run of another host has no end.
  static func refuse(
    _ run: FolderLock.UnfinishedRun, in folder: ConfinedFolder, now: Timestamp
  ) throws(DioptraError) {
    guard run.host != host, isRecent(run.since, now) else { return }
    throw refusal(folder, "`\(run.command)` on \(run.host), since \(run.since?.description ?? "a while")")
  }

  private static func text(in folder: ConfinedFolder) -> String? {
    (try? folder.read(file)).flatMap { $0 }.map { bytes in
      String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
  }

  /// The time at the end of a note.
  static func since(_ text: String) -> Timestamp? {
    Timestamp(rfc3339: text.split(separator: " ").last ?? "")
  }

  private static func isRecent(_ since: Timestamp?, _ now: Timestamp) -> Bool {
    since.map { now.seconds - $0.seconds < day } ?? true
  }

  private static func refusal(_ folder: ConfinedFolder, _ holder: String) -> DioptraError {
    DioptraError(
      .locked, "another host is at work in \(folder.path)\(holder.isEmpty ? "" : ": \(holder)")",
      remedy: "Wait until it has ended",
      "If nothing runs there any more, run \(run: ["rm", "-f"] + [FolderLock.file, file].map { "\(folder.path)/\($0)" })"
    )
  }
}
