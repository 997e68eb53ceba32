import DioptraKitCore
import Plugins

/// Brings the deployment to what this version makes of it.
struct Upgrader {
  private let options: GlobalOptions
  private let request: UpgradeRequest
  private let now = Timestamp.now
  private var output: Output { options.output }

  init(_ options: GlobalOptions, _ request: UpgradeRequest) {
    self.options = options
    self.request = request
  }

  /// What `run` would do; writes nothing.
  func preview() async throws -> ChangeReport {
    let folder = try options.deploymentFolder()
    guard let state = try State(readingIn: folder) else { throw options.notInitialized(folder) }
    let upgrade = try plan(folder, state)
    var report = try ChangeReport(upgrade, unallowed: upgrade.unallowed(request, state: state), isDryRun: true)
    let steps = try await DeploymentSteps(of: upgrade.deployment, in: folder, output: output)
    report.take(try await steps.preview(state: state, after: upgrade.update))
    return report
  }

  /// Everything that can be refused has been refused before the first write.
  func run() async throws {
    let hold = try FolderHold(options, command: "dioptra upgrade")
    let (folder, state) = (hold.folder, hold.state)
    let first = try plan(folder, state)
    let steps = try await DeploymentSteps(of: first.deployment, in: folder, output: output)
    try await state.recording(.current) { record in
      var upgrade = first
      if !first.isNothingToDo, first.update.conflicts.isEmpty {
        try first.requireAllowance(request, state: state)
        try await steps.check(state: state, after: first.update)
        if first.changesSecrets {
          try state.rename(first.migrations, now: now)
          try state.generate(first.newSecrets, now: now)
          upgrade = try plan(folder, state)
        }
      }
      var report = try ChangeReport(upgrade)
      if !first.isNothingToDo { Output.note(try upgrade.update.apply(to: state, run: record.begin(), now: now)) }
      let current = try await DeploymentSteps(of: upgrade.deployment, in: folder, output: output)
      try await report.finish(current, record, state: state, output)
    }
  }

  private func plan(_ folder: ConfinedFolder, _ state: State) throws -> Upgrade {
    try Upgrade(
      of: folder, state: state, registry: ReferenceDeployment.registry(),
      file: options.configurationFile(in: folder), request: request)
  }
}
