internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The files that are copied into volumes, with their expected content.
struct VolumeContents {
  struct File {
    let volume: VolumeName
    /// The name in the volume.
    let name: String
    let component: ComponentID
    /// The file of the folder that it is copied from.
    let source: String
    let digest: Digest

    /// Where a container that inspects volumes sees the file.
    var path: String { "/volumes/\(volume)/\(name)" }
  }

  /// The init service whose image can inspect volumes.
  static let reader: ServiceName = "named-volumes"

  let files: [File]

  init(of deployment: Deployment, in folder: ConfinedFolder) throws {
    files = try deployment.blueprint.volumePreparations.flatMap { preparation in
      try preparation.actions.filter { $0.condition?.holds(in: deployment.configuration) ?? true }.flatMap { entry in
        try Self.files(of: entry.action, folder).map { name, source, digest in
          File(volume: preparation.volume, name: name, component: preparation.owner, source: source, digest: digest)
        }
      }
    }
  }

  private static func files(
    of action: VolumePreparation.Action, _ folder: ConfinedFolder
  ) throws -> [(name: String, source: String, digest: Digest)] {
    switch action {
    case .copy(let path, let name, _):
      return try folder.read(path).map { [(name, path, Digest(of: $0))] } ?? []
    case .copyMatching(let source, let pattern, _):
      return try (folder.names(in: source) ?? []).filter { $0[...].matches(pattern) }.compactMap { name in
        try folder.read("\(source)/\(name)").map { (name, "\(source)/\(name)", Digest(of: $0)) }
      }
    case .value(let key, let path, let name, _):
      let value = try PlainLines(folder.read(path) ?? []).values(of: key).first
      return value.map { [(name, "the \(key) of \(path)", Digest(of: $0))] } ?? []
    case .clear, .folder, .subfolder, .copyFromVolume, .certificateAuthorities, .remove: return []
    }
  }
}

extension VolumePreparation.Condition {
  /// Whether the condition is true for a deployment.
  func holds(in configuration: Configuration) -> Bool {
    (configuration.entry(variable)?.value == VariableType.on) == isOn
  }
}

extension Deployment {
  /// The sandbox of a program that inspects volumes, with the image of the init service that can do that.
  func sandbox(seeing mounts: [VolumeMount]) throws -> Program.Sandbox {
    guard let reader = initService(VolumeContents.reader) else {
      throw DioptraError(.serviceUnavailable, "there is no service that reads volumes", remedy: "Enable its component")
    }
    return Program.Sandbox(
      image: try plainTexts([reader.image])[0], mounts: mounts, isRoot: true,
      deployment: context.identity.deployment)
  }
}
