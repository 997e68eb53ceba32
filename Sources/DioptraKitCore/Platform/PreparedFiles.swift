package import DioptraModel
package import DioptraRendering
internal import DioptraSystem

/// Files that steps of initialisation would build, on the engine before these steps run: they were built on another
/// machine, and came with its images. They are tar archives in a volume that belongs to no deployment.
package struct PreparedFiles: Sendable {
  /// The volume's name on the engine.
  package static let volume = "dioptra-prepared"
  private static let place = "/prepared"

  private let engine: any Engine
  private let image: String
  private let deployment: String

  /// - Parameters:
  ///   - image: An existing image with Bash and coreutils.
  ///   - deployment: The id of the deployment that uses them.
  package init(on engine: any Engine, image: String, for deployment: String) {
    self.engine = engine
    self.image = image
    self.deployment = deployment
  }

  /// SHA-256 of an archive; nil if there is none. Makes no volume.
  package func digest(of key: String) async throws -> String? {
    guard try await !engine.volumes([Self.volume]).isEmpty else { return nil }
    let program = program(["sha256sum", Self.archive(key)], isReadOnly: true)
    let outcome = try await engine.run(program, within: nil)
    return outcome.succeeded ? outcome.output.split(separator: " ").first.map(String.init) : nil
  }

  /// Adds an archive, unless its bytes turn out to be others.
  package func add(_ key: String, digest: String, _ nextPiece: () throws -> [UInt8]?) async throws {
    let script = "cat > \"$1.new\" && [[ $(sha256sum < \"$1.new\") == \"$2 \"* ]] && mv -T \"$1.new\" \"$1\""
    let program = program(["bash", "-c", script, "bash", Self.archive(key), digest], isReadOnly: false)
    try expectSuccess(
      try await engine.run(program, reading: nextPiece), "the built files cannot be kept on the engine")
  }

  /// Replaces everything in a volume with the content of an archive.
  ///
  /// - Parameter seconds: The time limit.
  package func fill(_ volume: String, from key: String, within seconds: Int) async throws {
    let script = "find /files -mindepth 1 -delete && exec tar --numeric-owner -C /files -xpf \"$1\""
    let program = program(
      ["bash", "-c", script, "bash", Self.archive(key)], isReadOnly: true,
      also: [
        VolumeMount(volume, at: "/files", isReadOnly: false)
      ])
    try expectSuccess(
      try await engine.run(program, within: seconds), "the built files cannot be put into the volume \(volume)")
  }

  private static func archive(_ key: String) -> String { "\(place)/\(key).tar" }

  private func program(_ arguments: [String], isReadOnly: Bool, also mounts: [VolumeMount] = []) -> Program {
    let own = VolumeMount(Self.volume, at: Self.place, isReadOnly: isReadOnly)
    return Program(
      arguments,
      in: .alone(Program.Sandbox(image: image, mounts: [own] + mounts, isRoot: true, deployment: deployment)))
  }

  private func expectSuccess(_ outcome: ProgramOutcome, _ problem: String) throws {
    guard !outcome.succeeded else { return }
    throw DioptraError(
      .programFailed, "\(problem): \(outcome.errors.lastLine.withoutTerminalCodes)",
      remedy: "Check the free space of the engine's disk, then run the command again")
  }
}

extension Deployment {
  /// The image in which files are taken from volumes and put into them; nil if no component names one.
  package func toolImage() throws -> String? { try blueprint.toolImages.first.map { try plainTexts([$0.image])[0] } }

  /// Represents what the steps of some files run: where it is the same, the files are, too.
  ///
  /// - Returns: nil if one of the steps runs nothing.
  package func key(of built: BuiltFiles) -> String? {
    let steps = built.steps.compactMap { id in blueprint.steps.first { $0.id == id }?.value }
    let calls = steps.compactMap { callDigest(of: $0) }
    guard calls.count == built.steps.count else { return nil }
    return Digest(of: ([built.volume.rawValue] + calls).joined(separator: "\n")).hexadecimal
  }
}
