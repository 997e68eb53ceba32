public import DioptraModel
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Changes `dioptra.yaml` and, on demand, the files that follow from it.
public struct ConfigurationEdit {
  private let folder: ConfinedFolder
  /// The command's name in messages to others, such as `dioptra config`.
  private let command: String
  private let context: OperationContext
  private let change: (inout ConfigurationFile, ComponentRegistry) throws -> Void

  /// - Parameters:
  /// - command: The command's name in messages to others, such as `dioptra config`.
  /// - change: Edits `dioptra.yaml`.
  public init(
    _ command: String, of folder: ConfinedFolder, in context: OperationContext,
    _ change: @escaping (inout ConfigurationFile, ComponentRegistry) throws -> Void
  ) {
    self.command = command
    self.folder = folder
    self.context = context
    self.change = change
  }

  /// Changes only `dioptra.yaml`.
  ///
  /// - Returns: Whether there was something to change.
  public func run() throws -> Bool {
    let place = try WritableFolder(folder, for: command, now: context.now())
    let bytes = try folder.read(ConfigurationFile.name) ?? []
    let before = try folder.configurationFile()
    let file = try changed(before)
    guard file != before else { return false }
    try replace(bytes, with: file.text, in: place)
    return true
  }

  /// Changes `dioptra.yaml` and the files that follow from it as one change: on a conflict, nothing is changed.
  ///
  /// - Parameter tell: Called once, when the files are in place.
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
    // Rendering in memory first refuses invalid values before anything is written.
    let identity = Identity(deployment: Identity.unnamed, folder: folder.path)
    let deployment = try Deployment(registry: context.registry, file: file, identity: identity)
    try State(readingIn: folder, recovering: true)?.requireSameSlug(context.registry, as: deployment.configuration)
    return file
  }

  /// Writes the file as a run in the history, if there is a State.
  ///
  /// - Parameter old: The text that the edit is based on; a file that has changed since is not touched.
  private func replace(_ old: [UInt8], with text: String, in place: WritableFolder) throws {
    let name = ConfigurationFile.name
    guard case .file(let mode)? = try folder.entry(name) else {
      throw DioptraError(.fileUnsuitable, "\(name) is not a regular file", remedy: "Put a file in its place")
    }
    func write() throws { try folder.replace(name, old, with: Array(text.utf8), mode: mode) }
    guard try State(readingIn: folder, recovering: true) != nil else { return try write() }
    try place.state(now: context.now()).recording(context.caller, change: write)
  }
}
