import DioptraKitCore
import Plugins

/// Brings the chosen deployment's folder to what its configuration says, then initialises it on the engine.
struct Initializer {
  private let choices: Choices
  private let rendersOnly: Bool
  private let now = Timestamp.now
  private var output: Output { choices.options.output }

  init(_ choices: Choices, rendersOnly: Bool) {
    self.choices = choices
    self.rendersOnly = rendersOnly
  }

  /// What `run` would do; writes nothing.
  func preview() async throws -> InitReport {
    guard choices.kind != .empty else {
      let deployment = try plan(Identity.unnamed, in: choices.folder)
      return InitReport(
        choices, deployment, changes: deployment.tree.files.map { .init(path: $0.path, action: .create) })
    }
    let folder = try ConfinedFolder(path: choices.folder)
    let state = try State(readingIn: folder)
    try choices.identity.check(state, in: folder)
    let deployment = try plan(try state?.deployment ?? Identity.unnamed, in: folder.path, state)
    let known = try state?.secretValues() ?? SecretValues([:])
    let secrets = known.completed(for: deployment.blueprint.secrets.map(\.value))
    let update = try update(folder, deployment, state, secrets)
    var report = InitReport(choices, deployment, update, isDryRun: true)
    guard !rendersOnly else { return report }
    let steps = try await DeploymentSteps(of: deployment, in: folder, output: output)
    report.take(try await steps.preview(state: state, after: update))
    return report
  }

  /// Everything that can be refused has been refused before the first write.
  func run() async throws {
    let name = Identity.newName()
    // A new folder is not even made for what cannot be.
    let fresh = choices.kind == .deployment ? nil : try plan(name, in: choices.folder)
    try DeploymentFolder.make(choices.folder)
    let folder = try ConfinedFolder(path: choices.folder)
    try folder.refuseUnfinishedRestoration()
    let lock = try FolderLock(in: folder, command: "dioptra init", now: now)
    defer { withExtendedLifetime(lock) {} }
    if choices.kind == .empty, try DeploymentFolder.kind(of: folder.path) != .empty {
      throw DioptraError(
        "another dioptra has made the deployment in \(folder.path) meanwhile", remedy: "Run the command again",
        exitCode: .locked)
    }
    let state = try State(
      creatingIn: folder, deployment: name, choices: choices.kind == .empty ? choices.file.text : nil,
      secrets: fresh?.blueprint.secrets.map(\.value) ?? [], now: now)
    try choices.identity.settle(
      state, in: folder, secrets: { try plan(name, in: folder.path, state).blueprint.secrets.map(\.value) })
    let known = try state.deployment
    let deployment = if let fresh, known == name { fresh } else { try plan(known, in: folder.path, state) }
    try state.generate(deployment.blueprint.secrets.map(\.value), now: now)
    let update = try update(folder, deployment, state, try state.secretValues())
    try await state.recording(.current) { record in
      if !update.isNothingToDo { Output.note(try update.apply(to: state, run: record.begin(), now: now)) }
      try await initialize(deployment, folder, state, record, InitReport(choices, deployment, update))
    }
  }

  private func initialize(
    _ deployment: Deployment, _ folder: ConfinedFolder, _ state: State, _ record: RunRecord, _ report: InitReport
  ) async throws {
    guard !rendersOnly else { return try report.show(output) }
    let steps = try await DeploymentSteps(of: deployment, in: folder, output: output)
    var report = report
    let plan = try await steps.run(record, state: state) { plan in
      if let plan { report.take(plan) }
      if plan == nil { try report.show(output) } else if !output.isJSON { output.say(report.words(output)) }
    }
    guard let plan else {
      return output.say("\nDocker is not installed here. On a host with Docker, run `dioptra init` again.")
    }
    if output.isJSON { return try report.initialized().show(output) }
    if !plan.due.isEmpty { output.say("\nInitialised. Start the deployment with `dioptra start`.") }
  }

  private func plan(_ name: String, in folder: String, _ state: State? = nil) throws -> Deployment {
    try Deployment(
      registry: choices.registry, file: choices.file, identity: Identity(deployment: name, folder: folder),
      secretVersions: try state?.secretVersions() ?? [:])
  }

  private func update(
    _ folder: ConfinedFolder, _ deployment: Deployment, _ state: State?, _ secrets: SecretValues
  ) throws -> FolderUpdate {
    try state?.requireUpToDate(choices.registry, for: deployment.configuration)
    let update = try FolderUpdate(
      of: folder,
      to: FolderTarget(deployment, of: choices.registry, configuration: choices.file.text), state: state,
      secrets: secrets,
      adopted: state == nil || choices.kind == .configurationOnly
        ? ReferenceDeployment.committedTree(in: folder, choices.registry, choices.file) : nil,
      choice: choices.conflict.choice,
      resolutions: choices.conflict.resolutions())
    try update.check(startedFrom: choices.before)
    return update
  }
}

/// Which deployment a folder is that is a copy of another.
enum CopiedFolder: Equatable {
  /// Nobody said: a copy is refused.
  case undecided
  /// It is the deployment, which was moved here.
  case moved
  /// It becomes a new deployment.
  case new

  func settle(_ state: State, in folder: ConfinedFolder, secrets: () throws -> [Secret]) throws {
    switch self {
    case .undecided: break
    case .moved: try state.recordPlace(of: folder, now: .now)
    case .new: try state.renewIdentity(in: folder, secrets: try secrets(), now: .now)
    }
    try state.settle(in: folder, now: .now)
  }

  /// Refuses a copy that nothing was decided about; writes nothing.
  func check(_ state: State?, in folder: ConfinedFolder) throws {
    guard self == .undecided, let error = try state?.copyRefusal(in: folder) else { return }
    throw error
  }
}
