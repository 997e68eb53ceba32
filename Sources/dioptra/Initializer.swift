import DioptraKitCore
import Plugins

/// Brings the chosen deployment's folder to what its configuration says.
struct Initializer {
  private let choices: Choices
  private let now = Timestamp.now

  init(_ choices: Choices) {
    self.choices = choices
  }

  /// What `run` would do; writes nothing.
  func preview() throws -> InitReport {
    guard choices.kind != .empty else {
      let deployment = try plan(Identity.unnamed)
      return InitReport(
        choices, deployment, changes: deployment.tree.files.map { .init(path: $0.path, action: .create) })
    }
    let folder = try ConfinedFolder(path: choices.folder)
    let state = try State(readingIn: folder)
    let deployment = try plan(try state?.deployment ?? Identity.unnamed, state)
    let known = try state?.secretValues() ?? SecretValues([:])
    let secrets = known.completed(for: deployment.blueprint.secrets.map(\.value))
    let update = try update(folder, deployment, state, secrets)
    return InitReport(choices, deployment, update)
  }

  /// Everything that can be refused has been refused before the first write.
  func run() throws -> InitReport {
    let name = Identity.newName()
    // A new folder is not even made for what cannot be.
    let fresh = choices.kind == .deployment ? nil : try plan(name)
    try DeploymentFolder.make(choices.folder)
    let folder = try ConfinedFolder(path: choices.folder)
    let lock = try FolderLock(in: folder, command: "dioptra init", now: now)
    defer { withExtendedLifetime(lock) {} }
    let state = try State(creatingIn: folder, deployment: name, now: now)
    let known = try state.deployment
    let deployment = if let fresh, known == name { fresh } else { try plan(known, state) }
    try state.generate(deployment.blueprint.secrets.map(\.value), now: now)
    let update = try update(folder, deployment, state, try state.secretValues())
    if !update.isNothingToDo { try update.apply(to: state, run: .current, now: now) }
    return InitReport(choices, deployment, update)
  }

  private func plan(_ name: String, _ state: State? = nil) throws -> Deployment {
    try Deployment(
      registry: choices.registry, file: choices.file, identity: Identity(deployment: name, folder: choices.folder),
      secretVersions: try state?.secretVersions() ?? [:])
  }

  private func update(
    _ folder: ConfinedFolder, _ deployment: Deployment, _ state: State?, _ secrets: SecretValues
  ) throws -> FolderUpdate {
    try FolderUpdate(
      of: folder, to: deployment, state: state, secrets: secrets, configuration: choices.file.text,
      adopted: state == nil || choices.kind == .configurationOnly
        ? ReferenceDeployment.committedTree(in: folder, choices.registry, choices.file) : nil,
      choice: choices.conflict.choice,
      resolutions: choices.conflict.resolutions())
  }
}
