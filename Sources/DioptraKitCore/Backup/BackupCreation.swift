internal import Glibc

/// A backup that is made of a deployment.
public struct BackupCreation {
  /// A copy that something changed in is made again so often.
  private static let attempts = 3
  /// What the names of backups end with that are made without one.
  public static let ending = ".dioptra-backup"
  private static let stagedEnding = "\(ending).dioptra-new"

  let deployment: Deployment
  /// The version of `dioptra` that makes it.
  let version: String
  let folder: ConfinedFolder
  /// nil to leave the services' data out.
  let engine: DockerEngine?
  /// Whether services that do not run may be started for the time.
  let mayStart: Bool
  /// The absolute path of the file.
  let path: String
  private let place: ConfinedFolder
  private let name: String

  /// What was made.
  public struct Result: Sendable {
    public let backup: State.Backup
    public let members: [BackupMember]
    /// Paths of the folder that are neither files nor folders, and so are not in it.
    public let leftOut: [String]
  }

  /// Looks whether there can be such a file; writes nothing.
  ///
  /// - Parameters:
  ///   - mayStart: Whether services that do not run may be started for the time.
  ///   - path: Absolute.
  /// - Throws: `DioptraError` for a file that is there, or a place inside the deployment's folder.
  public init(
    of deployment: Deployment, in folder: ConfinedFolder, on engine: DockerEngine?, mayStart: Bool = true,
    to path: String,
    by version: String
  ) throws {
    self.deployment = deployment
    self.version = version
    self.folder = folder
    self.engine = engine
    self.mayStart = mayStart
    self.path = path
    guard let slash = path.lastIndex(of: "/"), path.last != "/", path.count > 1 else {
      throw DioptraError("\(path) is no name of a file", remedy: "Give the path of a file that is to be made")
    }
    name = String(path[path.index(after: slash)...])
    // The place is the caller's matter, whoever owns the deployment.
    place = try Caller.inOwnName {
      try ConfinedFolder(outside: slash == path.startIndex ? "/" : String(path[..<slash]))
    }
    guard !"\(Caller.inOwnName { place.canonicalPath })/".hasPrefix("\(folder.canonicalPath)/") else {
      throw DioptraError(
        "\(path) is inside the deployment's folder: a backup there would be lost with it, and be part of the next one",
        remedy: "Give a path outside")
    }
    guard try Caller.inOwnName({ try place.entry(name) }) == nil else {
      throw DioptraError("\(path) is there already", remedy: "Give another path, or move that away")
    }
  }

  /// Makes the file, reads it back, and notes it in State. The holder of the lock calls this.
  ///
  /// - Parameters:
  ///   - passphrase: nil for a file that is not encrypted.
  ///   - watch: Is told of each part when it is done, and that the file is read back.
  /// - Throws: `DioptraError`; `Refusal`; `CancellationError`. There is no file then.
  public func run(
    state: State, record: RunRecord, passphrase: String?, now: Timestamp, watch: (String) -> Void
  ) async throws -> Result {
    let seal = try passphrase.map { try BackupSeal(passphrase: $0) }
    try await checkSpace()
    try Caller.inOwnName { try sweep() }
    do {
      let file = try Caller.inOwnName { try place.openStaged(name, mode: 0o600) }
      flock(file.descriptor, LOCK_EX | LOCK_NB)
      let output = try BackupOutput(file, seal: seal)
      let writer = try BackupWriter(try origin(state, now), to: output, now: now)
      // Before the run begins: in the copy it would be one that never ended.
      try add(state, to: writer)
      let run = try record.begin()
      let leftOut = try addFolder(to: writer)
      watch("the folder, with configuration, secrets and State")
      let (members, digest) = try await finish(writer, seal, try state.secretValues(), watch)
      guard try Caller.inOwnName({ try place.entry(name) }) == nil else {
        throw DioptraError("\(path) was made by somebody else meanwhile", remedy: "Give another path")
      }
      try Caller.inOwnName { try place.publish(name, synced: true) }
      let backup = State.Backup(
        run: run, path: path, digest: digest.hexadecimal, bytes: output.count, isEncrypted: seal != nil,
        finishedAt: Timestamp.now.description)
      // Without the data it is no way back.
      if engine != nil { try state.record(backup, now: .now) }
      return Result(backup: backup, members: members, leftOut: leftOut)
    } catch {
      Caller.inOwnName { place.discardStaged(name) }
      throw error
    }
  }

  /// Adds the data, ends the file and reads it back, while the services run that have to look at their dumps.
  private func finish(
    _ writer: BackupWriter, _ seal: BackupSeal?, _ secrets: SecretValues, _ watch: (String) -> Void
  ) async throws -> (members: [BackupMember], digest: Digest) {
    guard let engine else { return try await readBack(try writer.finish(), seal, watch) { _ in } }
    let data = DeploymentData(
      executor: StepExecutor(engine: engine, deployment: deployment), folder: folder, secrets: secrets,
      mayStart: mayStart)
    try await data.checkExistence(of: data.all.map { deployment.volumeName($0.volume) })
    return try await data.withServices { containers in
      for part in data.all { try await add(part, of: data, containers, to: writer, watch) }
      return try await readBack(try writer.finish(), seal, watch) { backup in
        try await backup.forEachMember(of: [.dump]) { member, content in
          let dump = data.all.first { $0.member == member.name }?.dump
          guard let dump, let container = containers[dump.service] else { return }
          try await data.check(dump, in: container, content)
        }
      }
    }
  }

  private func readBack(
    _ written: (members: [BackupMember], digest: Digest), _ seal: BackupSeal?, _ watch: (String) -> Void,
    _ look: (Backup) async throws -> Void
  ) async throws -> (members: [BackupMember], digest: Digest) {
    let backup = try Backup(at: "\(Caller.inOwnName { place.canonicalPath })/\(place.stagedPath(of: name))", seal: seal)
    guard backup.members == written.members, backup.digest == written.digest else {
      throw DioptraError(
        "the backup does not read back as it was written", remedy: "Check the disk, then run the command again")
    }
    try await look(backup)
    watch("everything read back and compared")
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
          "\(copy.summary) changed each of the \(Self.attempts) times that they were read",
          remedy: "Stop the deployment with `dioptra stop`, then run the command again")
      }
    }
    if let member = try writer.end() { watch("\(data.summary), \(ByteCount.words(member.bytes))") }
  }

  private func add(_ state: State, to writer: BackupWriter) throws {
    writer.begin(BackupMember.stateName, .state)
    try state.copy(in: folder, eachPiece: writer.append)
    try writer.end()
  }

  /// - Returns: What is not in it.
  private func addFolder(to writer: BackupWriter) throws -> [String] {
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
      slug: deployment.configuration[Renderer.slugVariable], folder: folder.path, generation: generation?.id,
      release: generation?.version.release ?? "", templateVersion: generation?.version.template ?? 0,
      stateVersion: StateSchema.migrations.count, version: version, createdAt: now.description, hasData: engine != nil)
  }

  /// Removes beginnings of backups that processes left which are gone: those that nobody holds.
  private func sweep() throws {
    for name in try place.names(in: ".") ?? [] where name.hasPrefix(".") && name.hasSuffix(Self.stagedEnding) {
      guard let file = try place.openToLook(name) else { continue }
      defer { close(file) }
      if flock(file, LOCK_EX | LOCK_NB) == 0 { try place.remove(name) }
    }
  }

  /// What is copied is no larger than the volumes.
  private func checkSpace() async throws {
    guard let engine, let needed = try await engine.volumeBytes(of: deployment),
      let free = FileSystemSpace.free(at: place.path), free < UInt64(needed)
    else { return }
    throw DioptraError(
      "\(place.path) has \(ByteCount.words(Int(free))) free, and the deployment's volumes take \(ByteCount.words(needed))",
      remedy: "Give a path on a larger disk")
  }
}
