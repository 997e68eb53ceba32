internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Saves the images of a deployment to one file, for a machine that cannot fetch them.
public struct ImageSaving {
  /// The file that was made.
  public struct Report: Encodable, Sendable {
    /// An image in the file.
    public struct Image: Encodable, Sendable {
      /// The name with its tag.
      public let name: String
      /// The engine's id.
      public let id: String
      /// What it takes of the file.
      public let bytes: Int
      /// Whether an interrupted save had written it already.
      public let wasThere: Bool

      enum CodingKeys: String, CodingKey {
        case name, id, bytes, wasThere = "kept"
      }
    }

    /// The absolute path.
    public let path: String
    /// Of the file.
    public let bytes: Int
    /// SHA-256 of the file's bytes.
    public let digest: Digest
    /// The release of Dioptra that the images are of; empty if the configuration names none.
    public let release: String
    /// What the images' engine runs, such as `linux/amd64`.
    public let platform: String
    /// In the order of the file.
    public let images: [Image]
    /// What steps of initialisation built, such as `the front end`.
    public let built: [String]
  }

  private let folder: ConfinedFolder
  private let release: String?
  private let context: OperationContext
  private let partSize: Int

  /// - Parameter release: The release of Dioptra whose images are saved; nil for the deployment's own.
  public init(of folder: ConfinedFolder, release: String? = nil, in context: OperationContext) {
    self.init(of: folder, release: release, in: context, partSize: ImageArchiveWriter.partSize)
  }

  /// - Parameter partSize: What is held in memory of an image.
  init(of folder: ConfinedFolder, release: String? = nil, in context: OperationContext, partSize: Int) {
    self.folder = folder
    self.release = release
    self.context = context
    self.partSize = partSize
  }

  /// Writes the file and reads it back. It gets its name only then; an interrupted save is resumed by the next one to
  /// the same path.
  ///
  /// - Parameter path: The absolute path of the new file.
  /// - Throws: `DioptraError`; `CancellationError`. Then there is no file of that name.
  public func run(to path: String) async throws -> Report {
    let view = try DeploymentView(of: folder, in: context)
    let deployment = try release.map(view.deployment(ofRelease:)) ?? view.deployment
    let archive = try ImageArchiveFile(path, outside: folder)
    let names = try namesToSave(deployment)
    let engine = try await view.engine()
    let facts = try await engine.images.facts(of: names)
    try expectAll(names, facts, on: engine)
    let origin = ImageArchiveOrigin(
      format: ImageArchiveOrigin.format, platform: try await engine.images.platform(),
      compression: engine.images.compression, release: deployment.configuration.release,
      version: context.caller.version, createdAt: context.now().description)
    let file = try archive.open()
    let writer = try begin(origin, archive, file, facts)
    let kept = Set(writer.members.map(\.name))
    let rest = names.filter { !kept.contains($0) }
    try checkSpace(at: archive.place.path, for: rest.compactMap { facts[$0]?.bytes }.reduce(0, +))
    for member in writer.members { tell(member, "was there already") }
    for name in rest {
      guard let facts = facts[name] else { continue }
      let member = try await writer.add(name, image: facts) { append in
        try await engine.images.save(name, compressedBy: origin.compression, eachPiece: append)
      }
      tell(member, nil)
    }
    try await addBuiltFiles(of: deployment, view.state, on: engine, to: writer)
    let digest = try writer.finish()
    try readBack(file, digest, writer)
    try Task.checkCancellation()
    try archive.publish()
    return Report(
      path: path, bytes: writer.count, digest: digest, release: origin.release, platform: origin.platform,
      images: writer.members.compactMap { member in
        member.image.map { image in
          Report.Image(name: member.name, id: image.id, bytes: member.bytes, wasThere: kept.contains(member.name))
        }
      }, built: writer.members.compactMap(\.files?.summary))
  }

  /// Resumes an interrupted save as far as its images are those of now, or begins the file.
  private func begin(
    _ origin: ImageArchiveOrigin, _ archive: ImageArchiveFile, _ file: StagedFile, _ facts: [String: ImageFacts]
  ) throws -> ImageArchiveWriter {
    let now = context.now()
    guard let scan = try archive.progress(of: file, as: origin) else {
      try archive.cut(file, at: 0)
      return try ImageArchiveWriter(origin, to: file, partSize: partSize, now: now)
    }
    let kept = Array(scan.members.prefix { $0.member.image != nil && facts[$0.member.name]?.id == $0.member.image?.id })
    try archive.cut(file, at: kept.last?.end ?? scan.beginning.end)
    return ImageArchiveWriter(after: kept, of: scan, to: file, partSize: partSize, now: now)
  }

  private func namesToSave(_ deployment: Deployment) throws -> [String] {
    let uses = try deployment.imageUses()
    guard let pinned = uses.first(where: \.isPinned) else { return uses.map(\.image) }
    let variables = deployment.choosers(of: pinned.image).map(\.rawValue)
    throw DioptraError(
      .imagesInvalid,
      "\(pinned.image) is named by its digest, which an engine does not know of an image that comes from a file",
      remedy: "Name it with a tag in \(edit: ConfigurationFile.name): \(variables.joined(separator: ", "))")
  }

  private func expectAll(_ names: [String], _ facts: [String: ImageFacts], on engine: any Engine) throws {
    let missing = names.filter { facts[$0] == nil }
    guard !missing.isEmpty else { return }
    let fetching = Remedy.run(inOrder: missing.map { engine.command(.fetchImage($0)) })
    let all: [Remedy] = release == nil ? ["Fetch what is missing with \(dioptra: "init")"] : []
    throw DioptraError(
      .imagesInvalid, "the engine does not have \(missing.joined(separator: ", "))",
      remedies: all + ["Fetch one by one: \(fetching)"])
  }

  /// Images become smaller in the file, but not that small.
  private func checkSpace(at place: String, for bytes: Int) throws {
    guard let free = FileSystemSpace.free(at: place) else { return }
    guard free >= UInt64(bytes / 3) else {
      throw DioptraError.lacksSpace(at: place, free: free, "images have to be saved there that take", bytes)
    }
    guard free < UInt64(bytes) else { return }
    context.observer.note(
      "\(place) has \(ByteCount.text(Int(free))) free, which is enough only if the images, \(ByteCount.text(bytes)), "
        + "compress well. If it is not, make room and run the command again: it resumes.")
  }

  private func addBuiltFiles(
    of deployment: Deployment, _ state: State?, on engine: any Engine, to writer: ImageArchiveWriter
  ) async throws {
    for built in deployment.blueprint.builtFiles.map(\.value) {
      let source = BuiltFilesSource(built, of: deployment, state, on: engine)
      guard let key = deployment.key(of: built), let toolImage = try deployment.toolImage(),
        let bytes = try await source.archive(toolImage)
      else {
        context.observer.note(
          "\(built.summary) is not in the file, since it is not built here; the other machine builds it, over a network"
        )
        continue
      }
      let files = ArchivedFiles(
        summary: built.summary, toolImage: toolImage, digest: Digest(of: bytes).hexadecimal)
      tell(try writer.add(key, files: files, bytes), nil)
    }
  }

  private func tell(_ member: ArchivedMember, _ more: String?) {
    context.observer.completed("\(member.shownName), \(ByteCount.text(member.bytes))\(more.map { ", \($0)" } ?? "")")
  }

  private func readBack(_ file: StagedFile, _ digest: Digest, _ writer: ImageArchiveWriter) throws {
    let scan = try ImageArchiveScan(file.descriptor)
    guard scan.fault == nil, scan.digest == digest, scan.members.map(\.member) == writer.members else {
      throw DioptraError(
        .imagesInvalid, "the file of images does not read back as it was written",
        remedy: "Check the disk, then run the command again")
    }
    context.observer.completed("everything read back and verified")
  }
}
