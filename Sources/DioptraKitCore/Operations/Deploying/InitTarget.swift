public import DioptraModel
internal import DioptraState
public import DioptraSystem

/// A folder as `init` finds it.
public struct InitTarget: Sendable {
  /// Its absolute path, which need not exist yet.
  public let folder: String
  /// What the folder holds.
  public let kind: DeploymentFolder.Kind
  /// Its `dioptra.yaml`, or that of an interrupted first `init`; nil if there is none.
  public let file: ConfigurationFile?
  /// The characters of `dioptra.yaml`; nil if there is none.
  public let before: String?
  /// Whether a first `init` was interrupted here before its choices were recorded.
  public let hasLostChoices: Bool

  /// A folder named by the user, or the deployment that contains the current folder: a deployment or an empty folder.
  ///
  /// - Parameter recovering: Whether an interrupted write to State may be rolled back.
  /// - Throws: `DioptraError` for a folder that `init` must not touch.
  public init(existing folder: String, recovering: Bool) throws {
    self = try Self.looking(into: folder) { try Self(looking: folder, recovering) }
  }

  /// A new folder named after the deployment.
  ///
  /// - Throws: `DioptraError` if there is something in the folder.
  public init(new folder: String, recovering: Bool) throws {
    let kind = try DeploymentFolder.kind(of: folder, recovering: recovering)
    if kind == .deployment || kind == .configurationOnly {
      throw DioptraError(
        .folderOccupied, "there is a deployment in \(folder) already",
        remedy: "Run \(dioptra: "init", folder) to complete it", "Choose another \(set: "deployment_name")")
    }
    try Self.check(kind, folder)
    self.init(begunIn: folder, try Self.begun(in: folder, recovering))
  }

  /// A deployment whose `dioptra.yaml` is being edited.
  ///
  /// - Parameter before: The text before the edit.
  public init(editing folder: String, from before: ConfigurationFile) throws {
    let kind = try DeploymentFolder.kind(of: folder, recovering: true)
    try Self.check(kind, folder)
    self.init(folder, kind, before, before: before.text)
  }

  private init(looking folder: String, _ recovering: Bool) throws {
    let kind = try DeploymentFolder.kind(of: folder, recovering: recovering)
    guard kind != .empty else {
      self.init(begunIn: folder, try Self.begun(in: folder, recovering))
      return
    }
    try Self.check(kind, folder)
    let confined = try ConfinedFolder(path: folder)
    let file = try confined.configurationFile()
    let state = kind == .deployment ? try State(readingIn: confined, recovering: recovering) : nil
    if let recorded = try state?.appliedConfiguration() { try file.requireChoices(of: recorded) }
    self.init(folder, kind, file, before: file.text)
  }

  private init(
    _ folder: String, _ kind: DeploymentFolder.Kind, _ file: ConfigurationFile?, before: String?,
    hasLostChoices: Bool = false
  ) {
    self.folder = folder
    self.kind = kind
    self.file = file
    self.before = before
    self.hasLostChoices = hasLostChoices
  }

  private init(begunIn folder: String, _ begun: (file: ConfigurationFile?, hasLostChoices: Bool)) {
    self.init(folder, .empty, begun.file, before: nil, hasLostChoices: begun.hasLostChoices)
  }

  /// Refuses a folder that another first `init` has filled meanwhile. The holder of the lock calls this.
  func checkAgain(_ folder: ConfinedFolder) throws {
    guard kind == .empty, try DeploymentFolder.kind(of: folder.path) != .empty else { return }
    throw DioptraError(
      .locked, "another dioptra has made the deployment in \(folder.path) in the meantime",
      remedy: "Run the command again")
  }

  /// Inspects a folder that another first `init` may be filling, so incomplete content is not an error of the folder.
  private static func looking<Found>(into folder: String, _ look: () throws -> Found) throws -> Found {
    do {
      return try look()
    } catch {
      guard DeploymentFolder.isFolder(folder) else { throw error }
      try FolderLock.requireFree(ConfinedFolder(path: folder))
      return try look()
    }
  }

  /// The configuration of an interrupted first `init` in an otherwise empty folder.
  private static func begun(
    in folder: String, _ recovering: Bool
  ) throws -> (file: ConfigurationFile?, hasLostChoices: Bool) {
    guard DeploymentFolder.isFolder("\(folder)/\(State.folder)") else { return (nil, false) }
    let state = try State(readingIn: try ConfinedFolder(path: folder), recovering: recovering)
    guard let text = try state?.pendingChoices else { return (nil, true) }
    return (try ConfigurationFile(text: text), false)
  }

  private static func check(_ kind: DeploymentFolder.Kind, _ folder: String) throws {
    switch kind {
    case .deployment, .configurationOnly, .empty: return
    case .secretsOnly:
      throw DioptraError(
        .stateMissing,
        "\(folder) has secrets, but not the state that knows them, and new ones would lock you out of its data",
        remedy: "Run \(dioptra: "adopt", folder), which takes the folder over as it is",
        "Restore \(folder)/.dioptra from a backup")
    case .adopting:
      throw DioptraError(
        .commandUnfinished, "an earlier `dioptra adopt` was interrupted in \(folder)",
        remedy: "Run \(dioptra: "adopt", folder) again to complete it")
    case .foreign:
      throw DioptraError.occupied(folder)
    }
  }
}
