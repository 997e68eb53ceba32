internal import DioptraModel
package import DioptraPlatform
package import DioptraRendering
package import DioptraState
public import DioptraSystem
internal import Glibc

/// Creates a backup of a deployment.
public struct BackupCreation {
  /// How often a copy that changed meanwhile is repeated.
  private static let attempts = 3
  /// The ending of generated file names.
  public static let ending = ".dioptra-backup"

  let deployment: Deployment
  /// The `dioptra.yaml` that the deployment was read from.
  let configuration: String
  /// The version of `dioptra` that creates it.
  let version: String
  let folder: ConfinedFolder
  /// nil to leave the services' data out.
  let engine: (any Engine)?
  /// Whether stopped services may be started temporarily.
  let mayStart: Bool
  /// The absolute path of the file.
  let path: String
  private let place: ConfinedFolder
  private let name: String

  /// The result.
  public struct Result: Sendable {
    /// The absolute path.
    public let path: String
    /// Of the file.
    public let bytes: Int
    /// SHA-256 of the file's bytes.
    public let digest: Digest
    /// Whether the file is encrypted with a passphrase.
    public let isEncrypted: Bool
    /// In the order of the archive.
    public let members: [BackupMember]
    /// Entries of the folder that are neither file nor folder, and so are left out.
    public let leftOut: [LeftOut]
    /// Whether it is recorded in the history.
    public let isRecorded: Bool
  }

  /// Something that is left out.
  public struct LeftOut: Equatable, Sendable {
    /// The path in the deployment's folder, escaped if it is not text.
    public let path: String
    /// What it is: `a symbolic link`.
    public let kind: String
  }

  /// Checks whether the file can be created; read-only.
  ///
  /// - Parameters:
  /// - configuration: The `dioptra.yaml` that the deployment was read from.
  /// - mayStart: Whether stopped services may be started temporarily.
  ///   - path: Absolute.
  /// - Throws: `DioptraError` if the file exists, or is inside the deployment's folder.
  package init(
    of deployment: Deployment, configuration: String, in folder: ConfinedFolder, on engine: (any Engine)?,
    mayStart: Bool = true, to path: String, by version: String
  ) throws {
    self.deployment = deployment
    self.configuration = configuration
    self.version = version
    self.folder = folder
    self.engine = engine
    self.mayStart = mayStart
    self.path = path
    let parts = path.pathParts
    guard parts.count > 1, let last = parts.last, !last.isEmpty else {
      throw DioptraError(.pathInvalid, "\(path) is not the name of a file", remedy: "Give the path of a file to make")
    }
    name = last
    // The place is the caller's choice, whoever owns the deployment.
    place = try Caller.inOwnName {
      try ConfinedFolder(outside: parts.count == 2 ? "/" : parts.dropLast().joined(separator: "/"))
    }
    let isInside = "\(Caller.inOwnName { place.canonicalPath })/".utf8.starts(with: "\(folder.canonicalPath)/".utf8)
    guard !isInside else {
      throw DioptraError(
        .pathInvalid,
        "\(path) is inside the deployment's folder: a backup there would be lost with it, and be part of the next one",
        remedy: "Give a path outside")
    }
    guard try Caller.inOwnName({ try place.entry(name) }) == nil else {
      throw DioptraError(.pathInvalid, "\(path) exists already", remedy: "Give another path, or move that away")
    }
  }

  /// Writes and verifies the file, and records it in State if possible. The holder of the lock calls this.
  ///
  /// - Parameters:
  /// - passphrase: nil for an unencrypted file.
  /// - watch: Called for each completed part, and after verification.
  /// - Throws: `DioptraError`; `Refusal`; `CancellationError`. Then there is no file.
  package func run(
    state: State, record: RunRecord, passphrase: String?, now: Timestamp, watch: (String) -> Void
  ) async throws -> Result {
    if let engine { try await state.guards(for: deployment, in: folder, on: engine).checkStart() }
    let seal = try passphrase.map { try BackupSeal(passphrase: $0) }
    try await checkSpace()
    BackupFile.sweep(place)
    let file = try BackupFile(name, in: place)
    do {
      let output = try BackupOutput(file.file, seal: seal)
      let writer = try BackupWriter(try origin(state, now), to: output, now: now)
      // Before the run begins: in the copy it would never end.
      try writer.add(BackupMember.stateName, .state, mode: 0o600, try state.copy(in: folder))
      let run = try record.beginIfPossible()
      let leftOut = try addFolder(to: writer)
      watch("the folder, with configuration, secrets and State")
      let (members, digest) = try await finish(writer, file, seal, try state.secretValues(), watch)
      try Task.checkCancellation()
      try file.publish()
      // Without the data it does not count as a backup.
      if let run, engine != nil {
        let backup = State.Backup(
          run: run, path: path, digest: digest.hexadecimal, bytes: output.count, isEncrypted: seal != nil,
          finishedAt: Timestamp.now.description)
        try record.note { try state.record(backup, now: .now) }
      }
      return Result(
        path: path, bytes: output.count, digest: digest, isEncrypted: seal != nil, members: members, leftOut: leftOut,
        isRecorded: run != nil && record.isComplete)
    } catch {
      file.discard()
      throw error
    }
  }

  /// Adds the data, completes the file and verifies it while the services that check their dumps are running.
  private func finish(
    _ writer: BackupWriter, _ file: BackupFile, _ seal: BackupSeal?, _ secrets: SecretValues, _ watch: (String) -> Void
  ) async throws -> (members: [BackupMember], digest: Digest) {
    guard let engine else { return try await readBack(try writer.finish(), file, seal, watch) { _ in } }
    let data = DeploymentData(
      executor: engine.executor(for: deployment), folder: folder, secrets: secrets,
      mayStart: mayStart)
    try await data.checkExistence(of: data.all.map { deployment.volumeName($0.volume) })
    return try await data.withServices { containers in
      for part in data.all { try await add(part, of: data, containers, to: writer, watch) }
      return try await readBack(try writer.finish(), file, seal, watch) { backup in
        try await backup.forEachMember(of: [.dump]) { member, content in
          let dump = data.all.first { $0.member == member.name }?.dump
          guard let dump, let container = containers[dump.service] else { return }
          try await data.check(dump, in: container, content)
        }
      }
    }
  }

  private func readBack(
    _ written: (members: [BackupMember], digest: Digest), _ file: BackupFile, _ seal: BackupSeal?,
    _ watch: (String) -> Void, _ look: (Backup) async throws -> Void
  ) async throws -> (members: [BackupMember], digest: Digest) {
    let backup = try Backup(at: file.path, seal: seal)
    guard backup.members == written.members, backup.digest == written.digest else {
      throw DioptraError(
        .backupInvalid, "the backup does not read back as it was written",
        remedy: "Check the disk, then run the command again")
    }
    guard backup.configuration == configuration else {
      throw DioptraError(
        .changedMeanwhile, "\(ConfigurationFile.name) was changed while the backup was made",
        remedy: "Run the command again")
    }
    try await look(backup)
    watch("everything read back and verified")
    return written
  }

  private func add(
    _ data: BackupData, of source: DeploymentData, _ containers: [ServiceName: String], to writer: BackupWriter,
    _ watch: (String) -> Void
  ) async throws {
    switch data {
    case .dump(let dump):
      guard let container = containers[dump.service] else { return }
      writer.begin(data.member, .dump)
      try await source.write(dump, in: container, eachPiece: writer.append)
    case .volume(let copy):
      var isGood = false
      for _ in 0..<Self.attempts where !isGood {
        writer.abandon()
        writer.begin(data.member, .volume)
        isGood = try await source.write(copy, eachPiece: writer.append)
      }
      guard isGood else {
        throw DioptraError(
          .changedMeanwhile, "\(copy.summary) changed each of the \(Self.attempts) times that they were read",
          remedy: "Stop the deployment with \(dioptra: "stop"), then run the command again")
      }
    }
    if let member = try writer.end() { watch("\(data.summary), \(ByteCount.text(member.bytes))") }
  }

  /// - Returns: What was left out.
  private func addFolder(to writer: BackupWriter) throws -> [LeftOut] {
    let contents = try FolderContents(of: folder)
    for item in contents.items {
      let name = BackupMember.folderPrefix + item.path
      guard !item.isFolder else {
        try writer.add(name, .folder, mode: item.mode)
        continue
      }
      writer.begin(name, .file, mode: item.mode)
      if try folder.read(item.path, eachPiece: writer.append) { try writer.end() } else { writer.abandon() }
    }
    return contents.leftOut
  }

  private func origin(_ state: State, _ now: Timestamp) throws -> BackupOrigin {
    let generation = try state.appliedGeneration()
    return BackupOrigin(
      format: BackupOrigin.format, id: Identity.newName(), deployment: deployment.context.identity.deployment,
      slug: deployment.configuration.slug, folder: folder.path, generation: generation?.id,
      release: generation?.version.release ?? "", templateVersion: generation?.version.template ?? 0,
      stateVersion: state.writtenVersion, version: version, createdAt: now.description, hasData: engine != nil)
  }

  /// The copies are no larger than the volumes.
  private func checkSpace() async throws {
    guard let engine, let needed = try await engine.volumeBytes(of: deployment),
      let free = FileSystemSpace.free(at: place.path), free < UInt64(needed)
    else { return }
    throw DioptraError(
      .spaceInsufficient,
      "\(place.path) has \(ByteCount.text(Int(free))) free, and the deployment's volumes take \(ByteCount.text(needed))",
      remedy: "Give a path on a larger disk")
  }
}
