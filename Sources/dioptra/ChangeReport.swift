import ArgumentParser
import DioptraKitCore

/// What `upgrade` or `rollback` did, or would do.
struct ChangeReport: Encodable {
  struct Change: Encodable {
    let path: String
    let action: Outcome
    /// Unified, without secrets.
    let diff: String?
  }

  struct Version: Encodable {
    var generation: Int?
    let template: Int
    let release: String
  }

  struct MigrationEntry: Encodable {
    let id: String
    let summary: String
    let version: String
    let reversible: Bool
    /// Whether it may be applied: it can be undone, or there is a backup, or it was allowed by name.
    let allowed: Bool
    let notes: [String]
  }

  struct Step: Encodable {
    let id: String
    let title: String
    let reason: String
  }

  let folder: String
  let from: Version
  let to: Version
  let changes: [Change]
  let conflicts: [FolderUpdate.Step]
  /// The files whose version of the user's stays.
  let kept: [String]
  /// The files with both versions between marker lines.
  let marked: [String]
  let migrations: [MigrationEntry]
  /// What bars a way back.
  let barriers: [Rollback.Barrier]
  /// The secrets that are generated.
  let secrets: [String]
  let details: UpgradeChanges
  /// What a person should look at.
  let notes: [String]
  private(set) var steps: [Step] = []
  private let isDryRun: Bool
  /// Whether it is known which steps are due.
  private var isPlanned = false
  /// Why no engine was asked; nil where one said which steps are due.
  private var withoutEngine: String?

  enum CodingKeys: String, CodingKey {
    case folder, from, to, changes, conflicts, kept, marked, migrations, barriers, secrets, details, notes, steps
  }

  init(_ upgrade: Upgrade, unallowed: [Migration] = [], isDryRun: Bool = false) throws {
    let refused = Set(unallowed.map(\.id))
    try self.init(
      upgrade.update, from: Version(upgrade.from), to: Version(upgrade.to), details: upgrade.changes(),
      migrations: upgrade.migrations.map { MigrationEntry($0, allowed: !refused.contains($0.id)) },
      secrets: upgrade.newSecrets.map(\.name.rawValue), notes: upgrade.notes, isDryRun: isDryRun)
  }

  init(_ rollback: Rollback, isDryRun: Bool = false) throws {
    try self.init(
      rollback.update, from: Version(rollback.versions.from, rollback.from),
      to: Version(rollback.versions.to, rollback.to), details: rollback.changes(), barriers: rollback.barriers,
      isDryRun: isDryRun)
  }

  private init(
    _ update: FolderUpdate, from: Version, to: Version, details: UpgradeChanges, migrations: [MigrationEntry] = [],
    barriers: [Rollback.Barrier] = [], secrets: [String] = [], notes: [String] = [], isDryRun: Bool
  ) throws {
    folder = update.path
    self.from = from
    self.to = to
    changes = try update.allSteps.filter { $0.action != .conflict }.map {
      Change(path: $0.path, action: $0.action, diff: isDryRun ? try update.difference(at: $0.path) : nil)
    }
    conflicts = update.conflicts
    kept = update.kept
    marked = update.marked
    self.migrations = migrations
    self.barriers = barriers
    self.secrets = secrets
    self.details = details
    self.notes = notes
    self.isDryRun = isDryRun
  }

  /// Takes in what would be due.
  mutating func take(_ preview: DeploymentSteps.Preview) {
    take(preview.plan)
    withoutEngine = preview.withoutEngine
  }

  /// Takes in what an engine said.
  mutating func take(_ plan: InitPlan) {
    isPlanned = true
    steps = plan.due.map {
      Step(id: $0.step.id.rawValue, title: $0.step.title, reason: $0.reason?.description ?? "")
    }
  }

  var isSomethingToDo: Bool {
    !changes.isEmpty || !migrations.isEmpty || !steps.isEmpty || from.template != to.template
  }

  /// Shows the report and ends with the exit code of a dry run.
  func finishDryRun(_ output: Output) throws {
    try show(output)
    if !conflicts.isEmpty { throw ExitCode(DioptraError.ExitCode.conflicts.rawValue) }
    if isSomethingToDo { throw ExitCode(DioptraError.ExitCode.differences.rawValue) }
  }

  /// Runs the steps that are due after the folder was changed.
  mutating func finish(
    _ steps: DeploymentSteps, _ record: RunRecord, state: State, _ output: Output
  ) async throws {
    var report = self
    let plan = try await steps.run(record, state: state) { plan in
      if let plan { report.take(plan) }
      if !output.isJSON { output.say(report.words(output)) }
    }
    if output.isJSON { try output.line(report) }
    guard plan == nil, isSomethingToDo else { return }
    output.say("\nDocker is not installed here. On a host with Docker, run `dioptra init` for the steps.")
  }

  func show(_ output: Output) throws {
    try output.result(self) { words(output) + "\n" }
  }

  func words(_ output: Output) -> String {
    ChangeReportText(
      report: self, output: output, isDryRun: isDryRun, isPlanned: isPlanned, withoutEngine: withoutEngine
    ).text
  }
}

extension ChangeReport.Version {
  fileprivate init(_ version: GenerationVersion, _ generation: Int? = nil) {
    self.init(generation: generation, template: version.template, release: version.release)
  }
}

extension ChangeReport.MigrationEntry {
  fileprivate init(_ migration: Migration, allowed: Bool) {
    self.init(
      id: migration.id.rawValue,
      summary: migration.summary + (migration.direction == .reversible ? "" : " \(migration.direction.words)"),
      version: migration.version.words, reversible: migration.direction == .reversible, allowed: allowed,
      notes: migration.notes)
  }
}
