internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Writes a backup as a tar archive, entry by entry. Members larger than a part become several entries.
final class BackupWriter {
  /// The size of a part, which is how much of a member is held in memory.
  static let partSize = 16 << 20

  private let output: BackupOutput
  private let now: Timestamp
  private let partSize: Int
  private var members: [BackupMember] = []
  private var current: (name: String, kind: BackupMember.Kind, mode: UInt32)?
  private var open: [UInt8] = []
  private var parts: [BackupMember.Part] = []

  init(_ origin: BackupOrigin, to output: BackupOutput, partSize: Int = partSize, now: Timestamp) throws {
    self.output = output
    self.partSize = partSize
    self.now = now
    let bytes = try BackupJSON.encoded(origin)
    try entry(BackupOrigin.entry, .file, mode: 0o600, bytes)
  }

  func begin(_ name: String, _ kind: BackupMember.Kind, mode: UInt32 = 0o600) {
    current = (name, kind, mode)
    open.removeAll(keepingCapacity: true)
    parts = []
  }

  func append(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      if open.count == partSize { try endPart() }
      let piece = rest.prefix(partSize - open.count)
      open += piece
      rest = rest.dropFirst(piece.count)
    }
  }

  /// Completes the current member.
  @discardableResult
  func end() throws -> BackupMember? {
    guard let current else { return nil }
    try endPart(isOnly: parts.isEmpty)
    let member = BackupMember(name: current.name, kind: current.kind, mode: current.mode, parts: parts)
    members.append(member)
    self.current = nil
    return member
  }

  /// Discards the current member, to start again.
  func abandon() {
    guard let current else { return }
    if !parts.isEmpty {
      members.append(BackupMember(name: current.name, kind: .abandoned, mode: current.mode, parts: parts))
    }
    self.current = nil
  }

  /// Adds a whole member.
  @discardableResult
  func add(_ name: String, _ kind: BackupMember.Kind, mode: UInt32, _ bytes: [UInt8] = []) throws -> BackupMember? {
    begin(name, kind, mode: mode)
    try append(bytes)
    return try end()
  }

  /// Completes the archive, which is then on disk.
  ///
  /// - Returns: Its members, and SHA-256 of the file's bytes.
  func finish() throws -> (members: [BackupMember], digest: Digest) {
    try entry(BackupManifest.entry, .file, mode: 0o600, try BackupJSON.encoded(BackupManifest(members: members)))
    try output.write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize))
    return (members, try output.finish())
  }

  private func endPart(isOnly: Bool = false) throws {
    guard let current else { return }
    let number = String(parts.count + 1)
    let name =
      isOnly ? current.name : "\(current.name).part-\(String(repeating: "0", count: max(0, 5 - number.count)))\(number)"
    let kind: TarHeader.Kind = current.kind == .folder ? .folder : .file
    try entry(name, kind, mode: current.mode, open)
    parts.append(BackupMember.Part(name: name, bytes: open.count, digest: Digest(of: open).hexadecimal))
    open.removeAll(keepingCapacity: true)
  }

  private func entry(_ name: String, _ kind: TarHeader.Kind, mode: UInt32, _ bytes: [UInt8]) throws {
    let header = TarHeader(name: name, kind: kind, mode: mode, size: bytes.count, modified: now.seconds)
    try output.write(header.blocks)
    try output.write(bytes)
    try output.write([UInt8](repeating: 0, count: TarHeader.padding(after: bytes.count)))
  }
}
