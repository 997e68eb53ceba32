public import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
package import DioptraState
package import DioptraSystem

/// The rollback to an earlier generation: restores its files and configuration as a new generation. Secrets do not
/// change.
public struct Rollback {
  /// The present generation.
  public let from: Int
  /// The generation to restore.
  public let to: Int
  /// The present version, and the restored one.
  public let versions: (from: GenerationVersion, to: GenerationVersion)
  /// What blocks the rollback.
  public let barriers: [Barrier]
  /// The present `dioptra.yaml`.
  public let configurationBefore: ConfigurationFile
  /// The restored `dioptra.yaml`. Changes of the user's that were never applied are merged into it.
  public let configuration: ConfigurationFile
  /// The restored deployment; nil if this program does not render its files, and so does not know its steps.
  public let deployment: Deployment?
  /// The changes to the files.
  public let folderPlan: FolderPlan

  /// A change that restoring files cannot undo.
  public struct Barrier: Encodable, Equatable, Sendable {
    /// The id that overrides it: the name of a migration, `image:NAME` or `volume:NAME`.
    public let id: String
    /// The consequence, as text.
    public let danger: String
  }

  /// Plans everything; read-only.
  ///
  /// - Parameters:
  /// - number: The generation to roll back to; nil for the previous one.
  /// - file: The present `dioptra.yaml`.
  /// - Throws: `DioptraError` if there is no such generation, or `dioptra.yaml` has changes that would be lost.
  package init(
    of folder: ConfinedFolder, state: State, registry: ComponentRegistry, file: ConfigurationFile, to number: Int?,
    choice: ConflictChoice = .stop, resolutions: [String: Resolution] = [:]
  ) throws {
    let (current, wanted) = try Self.generations(number, state)
    from = current.id
    to = wanted.id
    versions = (current.version, wanted.version)
    configurationBefore = file
    configuration = try Self.configuration(from: current, to: wanted, file)
    if let old = registry.slug(in: wanted.configuration), let new = registry.slug(in: current.configuration), old != new
    {
      throw DioptraError(
        .prefixChanged,
        "generation \(wanted.id) has the prefix \(old.quoted), and the data are in volumes of the prefix \(new.quoted)",
        remedy: "Run \(dioptra: "rename", old) first, which moves them back")
    }
    let secrets = try state.secretValues()
    let versions = try state.secretVersions()
    let baseline = try (registry.baseline(of: current.version), registry.baseline(of: wanted.version))
    let undone = registry.migrations.filter {
      baseline.0.migrations.contains($0.id) && !baseline.1.migrations.contains($0.id)
    }
    var files = wanted.files.filter { !$0.value.isOwn }.mapValues {
      $0.target(isAdopted: wanted.version.template == GenerationVersion.referenceTemplate, versions: versions)
    }
    for (path, file) in files {
      files[path]?.text = try state.origins(of: path, in: wanted.id)?.text(of: file.version.text)
    }
    let target = FolderTarget(
      files: files, of: registry, configuration: configuration.text, version: wanted.version,
      moves: undone.moves.map { FileMove(from: $0.to, to: $0.from) })
    folderPlan = try FolderPlan(
      of: folder, to: target, state: state, secrets: secrets, choice: choice, resolutions: resolutions,
      former: wanted.files.compactMapValues { file in
        file.recorded.map { FileVersion(text: $0.text.moving(to: versions), mode: $0.mode) }
      })
    try folderPlan.check(startedFrom: file.text)
    barriers = try Self.barriers(undone, folderPlan, folder)
    let isRendered = wanted.version.template == registry.templateVersion
    deployment =
      isRendered
      ? try Deployment(
        registry: registry, file: configuration,
        identity: Identity(deployment: try state.deployment, folder: folder.path), secretVersions: versions) : nil
  }

  private static func generations(
    _ number: Int?, _ state: State
  ) throws -> (current: State.Generation, wanted: State.Generation) {
    guard let current = try state.appliedGeneration() else {
      throw DioptraError(.nameUnknown, "there is no generation to go back from", remedy: .firstInit)
    }
    guard let number else {
      guard let before = try state.generation(before: current.id) else {
        throw DioptraError(
          .nameUnknown, "generation \(current.id) is the first, and there is none before it",
          remedy: "See \(dioptra: "history")")
      }
      return (current, before)
    }
    guard let wanted = try state.generation(number), wanted.isApplied else {
      throw DioptraError(
        .nameUnknown, "there is no generation \(number) whose files were ever in place",
        remedy: "See \(dioptra: "history") for those that there are")
    }
    return (current, wanted)
  }

  /// Changes of `dioptra.yaml` that the user has not applied yet are kept.
  private static func configuration(
    from current: State.Generation, to wanted: State.Generation, _ file: ConfigurationFile
  ) throws -> ConfigurationFile {
    if file.text == current.configuration { return try ConfigurationFile(text: wanted.configuration) }
    let merge = ThreeWayMerge(base: current.configuration, ours: file.text, theirs: wanted.configuration)
    guard let text = merge.text else {
      throw DioptraError(
        .conflict,
        "\(ConfigurationFile.name) has changes that were never applied and that do not fit generation \(wanted.id)",
        remedy: "Apply them with \(dioptra: "init")",
        "See them with \(dioptra: "drift", "--diff", ConfigurationFile.name)")
    }
    return try ConfigurationFile(text: text)
  }

  private static func barriers(
    _ undone: [Migration], _ folderPlan: FolderPlan, _ folder: ConfinedFolder
  ) throws -> [Barrier] {
    let dialect = folderPlan.target.dialect
    let before = try dialect.services(in: FolderPreview(folder).read)
    let after = try dialect.services(in: folderPlan.preview.read)
    let migrations = undone.filter { $0.direction != .reversible }.map {
      Barrier(id: $0.id.rawValue, danger: "\($0.summary) \($0.direction.text)")
    }
    let images = LoweredImage.all(from: before.images, to: after.images).map {
      Barrier(id: "image:\($0.name)", danger: "\($0.text), which may not be able to read the newer data.")
    }
    let volumes = after.images.isEmpty ? [] : before.volumes.subtracting(after.volumes).sorted()
    return migrations + images
      + volumes.map { Barrier(id: "volume:\($0)", danger: "Nothing would use the data in the volume \($0) any more.") }
  }

  /// Whether the folder is already as in that generation.
  public var isNothingToDo: Bool { folderPlan.isNothingToDo }

  /// - Parameter allowed: The ids of the barriers that the user overrides.
  /// - Throws: `Refusal` that names the others; `DioptraError` for an unknown id.
  package func requireAllowance(_ allowed: Set<String>) throws {
    // An interrupted rollback has already overridden some of them, and the same command completes it.
    if !folderPlan.continuesUnfinished, let unknown = allowed.subtracting(barriers.map(\.id)).sorted().first {
      throw DioptraError(
        .nameUnknown, "\(unknown.quoted) does not block generation \(to)",
        remedy: barriers.isEmpty ? "Leave it out" : .oneOf(barriers.map(\.id)))
    }
    let others = barriers.filter { !allowed.contains($0.id) }
    guard !others.isEmpty else { return }
    let list = others.map { "  \($0.id): \($0.danger)" }.joined(separator: "\n")
    throw Refusal(
      DioptraError(
        .rollbackBlocked, "the rollback to generation \(to) is blocked, and nothing was changed:\n\(list)\n",
        remedy: "Restore a backup of that time with \(dioptra: "restore", "FILE")",
        "Override each by name: " + Remedy([.words(others.map { "--allow \($0.id)" }.joined(separator: " "))])))
  }
}

extension State.GenerationFile {
  /// The restored file, with the present secrets.
  ///
  /// For an adopted file that the user had edited, only the whole text was ever in use.
  fileprivate func target(isAdopted: Bool, versions: [SecretName: Int]) -> FolderTarget.File {
    let version = isAdopted ? recorded ?? rendered : rendered
    let text = version.text.moving(to: versions)
    return FolderTarget.File(
      component: component, version: FileVersion(text: text, mode: version.mode), showsSecrets: !text.secrets.isEmpty)
  }
}

extension StoredText {
  /// The same text with the newest version of each secret.
  func moving(to versions: [SecretName: Int]) -> StoredText {
    guard isMergeable else { return self }
    return replacingSecrets { reference, encoding in
      Text(
        SecretReference(name: reference.name, version: versions[reference.name] ?? reference.version), encoding)
    }
  }
}
