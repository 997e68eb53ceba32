internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// A backup that was read and verified completely.
public struct Backup: Sendable {
  /// The absolute path of the file.
  public let path: String
  /// What the backup is of, from its first entry.
  public let origin: BackupOrigin
  /// Its members, in the order of the archive.
  public let members: [BackupMember]
  /// The deployment's `dioptra.yaml`.
  public let configuration: String
  /// Whether the file is encrypted with a passphrase.
  public let isEncrypted: Bool
  /// SHA-256 of the file's bytes.
  public let digest: Digest
  /// The size of the file in bytes.
  public let bytes: Int
  private let seal: BackupSeal?

  /// Whether a file is encrypted.
  ///
  /// - Throws: `DioptraError` if it is unreadable.
  public static func isEncrypted(at path: String) throws -> Bool {
    try BackupInput(descriptor(of: path)).isEncrypted
  }

  /// Reads and verifies a file.
  ///
  /// - Parameter passphrase: For an encrypted file.
  /// - Throws: `DioptraError` with the problem of the file.
  public init(at path: String, passphrase: String?) throws {
    let input = try BackupInput(Self.descriptor(of: path))
    var seal: BackupSeal?
    if input.isEncrypted {
      guard let passphrase else {
        throw DioptraError(
          .passphraseInvalid, "the backup is encrypted", remedy: "Give its passphrase with --passphrase-file",
          "Give it in \(set: Self.passphraseVariable)")
      }
      seal = try input.seal(passphrase)
    }
    try self.init(input, at: path, seal: seal)
  }

  /// Reads and verifies a file that this process has written.
  init(at path: String, seal: BackupSeal?) throws {
    try self.init(try BackupInput(Self.descriptor(of: path)), at: path, seal: seal)
  }

  private init(_ input: BackupInput, at path: String, seal: BackupSeal?) throws {
    if let seal { try input.unseal(seal) }
    let reader = try BackupReader(input)
    let read = try Self.checked(reader)
    self.path = path
    self.seal = seal
    origin = reader.origin
    isEncrypted = input.isEncrypted
    members = read.members
    digest = input.finish()
    bytes = input.count
    guard let configuration = read.configuration else { throw BackupSeal.damaged("it has no dioptra.yaml") }
    self.configuration = configuration
  }

  /// Reads the file again and passes on each member of some kinds; the body reads as many of its bytes as it wants.
  ///
  /// - Throws: Errors of the body; `DioptraError` if the file has changed.
  func forEachMember(
    of kinds: Set<BackupMember.Kind>, _ body: (BackupMember, BackupMemberReader) async throws -> Void
  ) async throws {
    guard let last = members.lastIndex(where: { kinds.contains($0.kind) }) else { return }
    let input = try BackupInput(Self.descriptor(of: path))
    if let seal { try input.unseal(seal) }
    let reader = try BackupReader(input)
    guard reader.origin == origin else { throw changed }
    for member in members[...last] {
      let content = BackupMemberReader(member, reader)
      if kinds.contains(member.kind) { try await body(member, content) }
      while try content.next() != nil {}
    }
  }

  /// Checks that the State in the backup belongs to the backup's deployment.
  ///
  /// - Throws: `DioptraError` with the problem.
  func checkState() throws {
    guard members.filter({ $0.kind == .state }).count == 1 else { throw BackupSeal.damaged("it has no State") }
    let input = try BackupInput(Self.descriptor(of: path))
    if let seal { try input.unseal(seal) }
    let reader = try BackupReader(input)
    guard reader.origin == origin else { throw changed }
    for member in members {
      let content = BackupMemberReader(member, reader)
      guard member.kind == .state else {
        while try content.next() != nil {}
        continue
      }
      let fault = try StateImage(try content.content()).fault(of: origin.deployment, version: origin.stateVersion)
      if let fault { throw BackupSeal.damaged("the State in it \(fault)") }
      return
    }
  }

  private var changed: DioptraError {
    DioptraError(.changedMeanwhile, "\(path) was changed while it was read", remedy: "Run the command again")
  }

  // MARK: Reading

  private static func descriptor(of path: String) throws(DioptraError) -> Int32 {
    try GivenFile.open(path, as: "backup", remedy: "Give the file that \(dioptra: "backup") made")
  }

  /// The environment variable for the passphrase.
  public static let passphraseVariable = "DIOPTRA_BACKUP_PASSPHRASE"

  /// The largest accepted `dioptra.yaml`.
  private static let configurationLimit = 4 << 20

  /// Reads everything and compares it with the last entry.
  private static func checked(_ reader: BackupReader) throws -> (members: [BackupMember], configuration: String?) {
    var found: [BackupMember.Part] = []
    var manifest: BackupManifest?
    var configuration: String?
    while let header = try reader.next() {
      guard manifest == nil else { throw BackupSeal.damaged("something follows its last entry") }
      let name = header.name
      if name == BackupManifest.entry {
        manifest = try BackupJSON.decoded(BackupManifest.self, try reader.content())
        continue
      }
      if name == BackupMember.folderPrefix + ConfigurationFile.name {
        configuration = String(decoding: try reader.content(limit: configurationLimit), as: UTF8.self)
      }
      while try reader.piece() != nil {}
      found.append(BackupMember.Part(name: name, bytes: header.size, digest: reader.digest.hexadecimal))
    }
    guard let manifest else { throw BackupSeal.damaged("its end is missing") }
    guard manifest.members.flatMap(\.parts) == found else {
      throw BackupSeal.damaged("its contents are not those that it was made with")
    }
    try MemberCheck(manifest.members).run()
    // Whatever the backup says, nothing becomes setuid.
    let members = manifest.members.map { member in
      BackupMember(name: member.name, kind: member.kind, mode: member.mode & 0o777, parts: member.parts)
    }
    return (members, configuration)
  }
}

/// The bytes of one member, across its entries.
final class BackupMemberReader {
  private var parts: ArraySlice<BackupMember.Part>
  private let reader: BackupReader
  private var isInside = false

  init(_ member: BackupMember, _ reader: BackupReader) {
    parts = member.parts[...]
    self.reader = reader
  }

  /// The next bytes; nil at the end.
  ///
  /// - Throws: `DioptraError` if the bytes are not the verified ones.
  func next() throws -> [UInt8]? {
    while true {
      if isInside {
        if let piece = try reader.piece() { return piece }
        guard let part = parts.popFirst(), part.digest == reader.digest.hexadecimal else { throw changed }
        isInside = false
      }
      guard let part = parts.first else { return nil }
      guard let header = try reader.next(), header.name == part.name, header.size == part.bytes else { throw changed }
      isInside = true
    }
  }

  /// All bytes.
  func content() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let piece = try next() { bytes += piece }
    return bytes
  }

  private var changed: DioptraError {
    DioptraError(.changedMeanwhile, "the backup was changed while it was read", remedy: "Run the command again")
  }
}
