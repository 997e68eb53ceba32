import DioptraKitCore

/// Puts the chosen deployment into its folder.
struct Initializer {
  private let choices: Choices

  init(_ choices: Choices) {
    self.choices = choices
  }

  /// What `run` would do; writes nothing.
  func preview() throws -> InitReport {
    guard choices.kind == .deployment else { return report(try plan(Identity.unnamed), missing: nil, different: []) }
    let folder = try ConfinedFolder(path: choices.folder)
    guard let state = try State(readingIn: folder) else {
      return report(try plan(Identity.unnamed), missing: nil, different: [])
    }
    let deployment = try plan(try state.deployment)
    let unknown = Set(deployment.blueprint.secrets.map(\.name)).subtracting(try state.secretRecords().map(\.name))
    // A file with a secret that is yet to be generated cannot be compared.
    let known = RenderedTree(
      files: deployment.tree.files.filter { file in !file.secrets.contains { unknown.contains($0.name) } })
    let projection = try FolderProjection(known, secrets: try state.secretValues(), in: folder)
    let undecided = deployment.tree.files.map(\.path).filter { path in !known.files.contains { $0.path == path } }
    return report(deployment, missing: projection.paths(.missing) + undecided, different: projection.paths(.different))
  }

  /// Writes what is missing; everything that can be refused has been refused before the first write.
  func run() throws -> InitReport {
    let known = choices.kind == .deployment ? try State(readingIn: ConfinedFolder(path: choices.folder)) : nil
    let name = try known?.deployment ?? Identity.newName()
    let deployment = try plan(name)
    try DeploymentFolder.make(choices.folder)
    let folder = try ConfinedFolder(path: choices.folder)
    let now = Timestamp.now
    let state = try State(creatingIn: folder, deployment: name, now: now)
    try state.generate(deployment.blueprint.secrets.map(\.value), now: now)
    let projection = try FolderProjection(deployment.tree, secrets: try state.secretValues(), in: folder)
    if choices.changesFile {
      if try folder.entry(ConfigurationFile.name) == nil {
        try folder.write(ConfigurationFile.name, Array(choices.file.text.utf8), mode: 0o644)
      } else {
        try folder.replace(ConfigurationFile.name, with: choices.file.text)
      }
    }
    try projection.writeMissing(to: folder)
    return report(deployment, missing: projection.paths(.missing), different: projection.paths(.different))
  }

  private func plan(_ deployment: String) throws -> Deployment {
    try Deployment(
      registry: choices.registry, file: choices.file,
      identity: Identity(deployment: deployment, folder: choices.folder))
  }

  private func report(_ deployment: Deployment, missing: [String]?, different: [String]) -> InitReport {
    InitReport(
      folder: choices.folder, isNew: choices.kind == .empty,
      create: missing ?? deployment.tree.files.map(\.path), differ: different,
      steps: deployment.blueprint.steps.filter { $0.skip?.isChosen != true }.map {
        InitReport.Step(id: $0.id.rawValue, title: $0.title)
      })
  }
}
