internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Loads the images of a file into an engine. Needs no deployment: its images may come first.
public struct ImageLoading {
  /// What the engine has now.
  public struct Report: Encodable, Sendable {
    /// An image of the file.
    public struct Image: Encodable, Sendable {
      /// The name with its tag.
      public let name: String
      /// The engine's id.
      public let id: String
      /// What it takes of the engine's space.
      public let bytes: Int
      /// Whether it was loaded; otherwise the engine had it already.
      public let isLoaded: Bool

      enum CodingKeys: String, CodingKey {
        case name, id, bytes, isLoaded = "loaded"
      }
    }

    /// The absolute path of the file.
    public let path: String
    /// SHA-256 of the file's bytes.
    public let digest: Digest
    /// The release of Dioptra that the images are of; empty if they are of none.
    public let release: String
    /// In the order of the file.
    public let images: [Image]
    /// What steps of initialisation built on another machine, such as `the front end`.
    public let built: [Built]

    /// Files that `init` uses instead of building them.
    public struct Built: Encodable, Sendable {
      /// What they are.
      public let name: String
      /// Whether they were loaded; otherwise the engine had them already.
      public let isLoaded: Bool

      enum CodingKeys: String, CodingKey {
        case name, isLoaded = "loaded"
      }
    }
  }

  private let path: String
  private let folder: ConfinedFolder?
  private let context: OperationContext

  /// - Parameters:
  ///   - path: The absolute path of a file that `ImageSaving` made.
  ///   - folder: The deployment whose engine loads the images; nil for this host's, called in the default way.
  public init(from path: String, for folder: ConfinedFolder?, in context: OperationContext) {
    self.path = path
    self.folder = folder
    self.context = context
  }

  /// Verifies the whole file, then loads what the engine does not have.
  ///
  /// - Throws: `DioptraError`; `CancellationError`. Images that were loaded before stay.
  public func run() async throws -> Report {
    let file = try VerifiedImages(path)
    context.observer.completed("\(file.facts.count) images, \(ByteCount.text(file.bytes)), verified")

    let engine = try await engine()
    let platform = try await engine.images.platform()
    guard platform == file.origin.platform else {
      throw DioptraError(
        .imagesInvalid, "the images are made for \(file.origin.platform), and the engine runs \(platform)",
        remedy: "Save them on a machine like this one")
    }
    return Report(
      path: path, digest: file.digest, release: file.origin.release, images: try await loadImages(file, on: engine),
      built: try await loadFiles(file, on: engine))
  }

  private func loadImages(_ file: VerifiedImages, on engine: any Engine) async throws -> [Report.Image] {
    let saved = file.members.compactMap { item in item.member.image.map { (item, item.member.name, $0) } }
    let present = try await engine.images.facts(of: saved.map(\.1))
    try checkSpace(for: saved.filter { present[$0.1]?.isSame(as: $0.2) != true }.map(\.2.bytes), on: engine)
    var report: [Report.Image] = []
    for (item, name, image) in saved {
      if let facts = present[name], facts.isSame(as: image) {
        context.observer.completed("\(name) is there already")
        report.append(Report.Image(name: name, id: facts.id, bytes: facts.bytes, isLoaded: false))
        continue
      }
      try await engine.images.load(compressedBy: file.origin.compression, file.pieces(of: item))
      let facts = try await loaded(name, image, on: engine)
      context.observer.completed("\(name) loaded, \(ByteCount.text(facts.bytes))")
      report.append(Report.Image(name: name, id: facts.id, bytes: facts.bytes, isLoaded: true))
    }
    return report
  }

  private func loadFiles(_ file: VerifiedImages, on engine: any Engine) async throws -> [Report.Built] {
    var report: [Report.Built] = []
    for item in file.members {
      guard let files = item.member.files else { continue }
      let prepared = PreparedFiles(on: engine, image: files.toolImage, for: Identity.unnamed)
      let isPresent = try await prepared.digest(of: item.member.name) == files.digest
      if !isPresent {
        try await prepared.add(item.member.name, digest: files.digest, file.pieces(of: item))
      }
      try Task.checkCancellation()
      context.observer.completed("\(files.summary) \(isPresent ? "is there already" : "loaded")")
      report.append(Report.Built(name: files.summary, isLoaded: !isPresent))
    }
    return report
  }

  private func loaded(_ name: String, _ image: ImageFacts, on engine: any Engine) async throws -> ImageFacts {
    let facts = try await engine.images.facts(of: [name])[name]
    try Task.checkCancellation()
    guard let facts, facts.isSame(as: image) else {
      let found = facts.map { "has \($0.id) under that name instead of \(image.id)" } ?? "does not have it"
      throw DioptraError(
        .engineFailed, "\(name) was loaded, and the engine \(found)",
        remedy: "Check what else changes the engine's images, then run the command again")
    }
    return facts
  }

  private func engine() async throws -> any Engine {
    guard let folder else {
      // Any deployment will do: nothing of it is asked for but the engine.
      let identity = Identity(deployment: Identity.unnamed, folder: "/")
      let deployment = try Deployment(
        registry: context.registry, file: ConfigurationFile(text: ""), identity: identity)
      return try await context.platform.engine(for: deployment, called: .plainly).engine
    }
    return try await DeploymentView(of: folder, in: context).engine()
  }

  /// Images share parts, so together they may take less than each alone.
  private func checkSpace(for sizes: [Int], on engine: any Engine) throws {
    guard let place = engine.dataFolder, let free = FileSystemSpace.free(at: place) else { return }
    let largest = sizes.max() ?? 0
    guard free >= UInt64(largest) else {
      throw DioptraError.lacksSpace(at: place, free: free, "one of the images to load takes", largest)
    }
    let all = sizes.reduce(0, +)
    guard free < UInt64(all) else { return }
    context.observer.note(
      "\(place) has \(ByteCount.text(Int(free))) free, which may not be enough for \(ByteCount.text(all)) of images. "
        + "If it is not, make room and run the command again: what was loaded stays.")
  }
}
