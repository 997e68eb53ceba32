internal import DioptraModel
internal import DioptraPlatform
internal import DioptraState
public import DioptraSystem

/// Renames a deployment, including its data.
public struct RenameOperation {
  private let slug: String
  private let keepsOld: Bool
  private let choice: ConflictChoice
  private let resolutions: [String: Resolution]
  private let context: OperationContext
  private let now: Timestamp

  /// - Parameters:
  ///   - slug: The new prefix.
  /// - keepsOld: Whether to keep the old volumes.
  public init(
    to slug: String, keepsOld: Bool, choice: ConflictChoice = .stop, resolutions: [String: Resolution] = [:],
    in context: OperationContext
  ) {
    self.slug = slug
    self.keepsOld = keepsOld
    self.choice = choice
    self.resolutions = resolutions
    self.context = context
    now = context.now()
  }

  /// What `run` would do; read-only.
  public func preview(_ folder: ConfinedFolder) throws -> Renaming {
    let state = try folder.recordedState()
    return try plan(folder, state)
  }

  /// Stops the deployment, copies its volumes, writes its files, runs its steps, and removes the old volumes.
  @discardableResult
  public func run(_ folder: ConfinedFolder) async throws -> Renaming {
    let session = try DeploymentSession(writing: "dioptra rename", in: folder, now: now)
    let state = session.state
    let renaming = try plan(folder, state)
    let engine = try await context.platform.engine(for: renaming.before).engine
    let move = VolumeMove(renaming, in: folder, state, on: engine)
    try await state.recording(context.caller) { record in
      guard renaming.folderPlan.conflicts.isEmpty else {
        return try context.apply(renaming.folderPlan, to: state, record, now: now)
      }
      if !renaming.isApplied {
        try await Lifecycle(of: renaming.before, in: folder, state, on: engine).stop { _ in }
        try await move.check()
        _ = try record.begin()
        try await move.copy { context.observer.completed($0) }
        try context.apply(renaming.folderPlan, to: state, record, now: now)
      }
      _ = try await DeploymentSteps(of: renaming.deployment, in: folder, context).run(record, state: state)
      if !keepsOld { try await move.removeOld() }
      try state.endRenaming(now: .now)
    }
    if let note = try overrideNote(folder, renaming) { context.observer.note(note) }
    return renaming
  }

  /// The user's own files are not touched.
  private func overrideNote(_ folder: ConfinedFolder, _ renaming: Renaming) throws -> String? {
    let file = context.registry.dialect.words.ownFile
    guard let bytes = try folder.read(file),
      String(decoding: bytes, as: UTF8.self).contains("\(renaming.from)-")
    else { return nil }
    return "\(file) names services that begin with \(renaming.from)-: change them to \(renaming.to)- before you start."
  }

  private func plan(_ folder: ConfinedFolder, _ state: State) throws -> Renaming {
    let file = try folder.configurationFile()
    let configuration = try Configuration(registry: context.registry, chosen: file.values, disabled: file.disabled)
    try state.requireUpToDate(context.registry, for: configuration, renaming: true)
    return try Renaming(
      of: folder, state: state, registry: context.registry, file: file, to: slug, choice: choice,
      resolutions: resolutions)
  }
}
