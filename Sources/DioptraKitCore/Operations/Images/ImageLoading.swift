internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem
internal import Glibc

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
    let descriptor = try GivenFile.open(
      path, as: "file of images", remedy: "Give the file that \(dioptra: "images", "save", "FILE") made")
    defer { close(descriptor) }
    let scan = try ImageArchiveScan(descriptor)
    if let fault = scan.fault { throw fault }
    guard let origin = scan.origin else { throw DioptraError.damagedImages("it is damaged at its beginning") }
    context.observer.completed("\(scan.images.count) images, \(ByteCount.text(scan.bytes)), verified")

    let engine = try await engine()
    let platform = try await engine.images.platform()
    guard platform == origin.platform else {
      throw DioptraError(
        .imagesInvalid, "the images are made for \(origin.platform), and the engine runs \(platform)",
        remedy: "Save them on a machine like this one")
    }
    let present = try await engine.images.facts(of: scan.images.map(\.image.name))
    let missing = scan.images.filter { present[$0.image.name]?.isSame(as: $0.image.facts) != true }
    try checkSpace(for: missing.map(\.image), on: engine)
    var report: [Report.Image] = []
    for item in scan.images {
      let image = item.image
      if let facts = present[image.name], facts.isSame(as: image.facts) {
        context.observer.completed("\(image.name) is there already")
        report.append(Report.Image(name: image.name, id: facts.id, bytes: facts.bytes, isLoaded: false))
        continue
      }
      try await load(item, descriptor, origin.compression, on: engine)
      let facts = try await loaded(image, on: engine)
      context.observer.completed("\(image.name) loaded, \(ByteCount.text(facts.bytes))")
      report.append(Report.Image(name: image.name, id: facts.id, bytes: facts.bytes, isLoaded: true))
    }
    return Report(path: path, digest: scan.digest, release: origin.release, images: report)
  }

  /// Each part is compared with its digest again before the engine gets it.
  private func load(
    _ item: ImageArchiveScan.Image, _ descriptor: Int32, _ compression: ImageCompression, on engine: any Engine
  ) async throws {
    var parts = zip(item.image.parts, item.places).makeIterator()
    try await engine.images.load(compressedBy: compression) {
      guard let (part, place) = parts.next() else { return nil }
      let bytes = try ImageArchiveInput.read(descriptor, at: place, part.bytes)
      guard Digest(of: bytes).hexadecimal == part.digest else {
        throw DioptraError(.changedMeanwhile, "\(path) was changed while it was read", remedy: "Run the command again")
      }
      return bytes
    }
  }

  private func loaded(_ image: ArchivedImage, on engine: any Engine) async throws -> ImageFacts {
    let facts = try await engine.images.facts(of: [image.name])[image.name]
    try Task.checkCancellation()
    guard let facts, facts.isSame(as: image.facts) else {
      let found = facts.map { "has \($0.id) under that name instead of \(image.facts.id)" } ?? "does not have it"
      throw DioptraError(
        .engineFailed, "\(image.name) was loaded, and the engine \(found)",
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
  private func checkSpace(for images: [ArchivedImage], on engine: any Engine) throws {
    guard let place = engine.dataFolder, let free = FileSystemSpace.free(at: place) else { return }
    let largest = images.map(\.facts.bytes).max() ?? 0
    guard free >= UInt64(largest) else {
      throw DioptraError.lacksSpace(at: place, free: free, "one of the images to load takes", largest)
    }
    let all = images.map(\.facts.bytes).reduce(0, +)
    guard free < UInt64(all) else { return }
    context.observer.note(
      "\(place) has \(ByteCount.text(Int(free))) free, which may not be enough for \(ByteCount.text(all)) of images. "
        + "If it is not, make room and run the command again: what was loaded stays.")
  }
}
