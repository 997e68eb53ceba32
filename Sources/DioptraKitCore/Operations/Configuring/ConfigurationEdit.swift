public import DioptraModel
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Changes `dioptra.yaml`, and on demand the files that follow from it.
public struct ConfigurationEdit {
  private let folder: ConfinedFolder
  /// What others that wait are told, such as `dioptra config`.
  private let command: String
  private let context: OperationContext
  private let change: (inout ConfigurationFile, ComponentRegistry) throws -> Void

  /// - Parameters:
  ///   - command: What others that wait are told, such as `dioptra config`.
  ///   - change: Makes the new `dioptra.yaml` of the old one.
  public init(
    _ command: String, of folder: ConfinedFolder, in context: OperationContext,
    _ change: @escaping (inout ConfigurationFile, ComponentRegistry) throws -> Void
  ) {
    self.command = command
    self.folder = folder
    self.context = context
    self.change = change
  }

  /// Changes `dioptra.yaml` alone.
  ///
  /// - Returns: Whether there was something to change.
  public func run() throws -> Bool {
    try folder.refuseUnfinishedRestoration()
    let lock = try FolderLock(in: folder, command: command, now: context.now())
    defer { withExtendedLifetime(lock) {} }
    let bytes = try folder.read(ConfigurationFile.name) ?? []
    let before = try folder.configurationFile()
    let file = try changed(before)
    guard file != before else { return false }
    try replace(bytes, with: file.text)
    return true
  }

  /// Changes `dioptra.yaml` and the files that follow from it, in one go: when conflicts stop it, nothing has changed.
  ///
  /// - Parameter tell: Is called once, when the files are in place.
  public func apply(
    choice: ConflictChoice, resolutions: [String: Resolution], tell: (InitOperation.Report) throws -> Void = { _ in }
  ) async throws {
    try folder.refuseUnfinishedRestoration()
    let before = try folder.configurationFile()
    let file = try changed(before)
    let request = InitOperation.Request(
      try InitTarget(editing: folder.path, from: before), file, choice: choice, resolutions: resolutions,
      rendersOnly: true)
    _ = try await InitOperation(request, in: context).run(tell: tell)
  }

  private func changed(_ file: ConfigurationFile) throws -> ConfigurationFile {
    if let recorded = try State(readingIn: folder, recovering: true)?.appliedConfiguration() {
      try file.requireChoices(of: recorded)
    }
    var file = file
    try change(&file, context.registry)
    // Rendering everything in memory refuses what cannot be before anything is written.
    let identity = Identity(deployment: Identity.unnamed, folder: folder.path)
    let deployment = try Deployment(registry: context.registry, file: file, identity: identity)
    try State(readingIn: folder, recovering: true)?.requireSameSlug(context.registry, as: deployment.configuration)
    return file
  }

  /// Writes it as a run that history records, where there is a State.
  ///
  /// - Parameter old: What the text was made from; the file is not touched where it is another by then.
  private func replace(_ old: [UInt8], with text: String) throws {
    let name = ConfigurationFile.name
    guard case .file(let mode)? = try folder.entry(name) else {
      throw DioptraError(.fileUnsuitable, "\(name) is not a regular file", remedy: "Put a file in its place")
    }
    func write() throws { try folder.replace(name, old, with: Array(text.utf8), mode: mode) }
    guard try State(readingIn: folder, recovering: true) != nil else { return try write() }
    try State(changingIn: folder, now: context.now()).recording(context.caller, change: write)
  }
}
