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
    /// The versions of the components that are others than on the other side; nil where none is.
    var components: [String: Int]?
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

  init(_ report: UpgradeOperation.Report, isDryRun: Bool = false) throws {
    let upgrade = report.upgrade
    let refused = Set(report.unallowed.map(\.id))
    try self.init(
      upgrade.update, from: Version(upgrade.from, beside: upgrade.to), to: Version(upgrade.to, beside: upgrade.from),
      details: upgrade.changes(),
      migrations: upgrade.migrations.map { MigrationEntry($0, allowed: !refused.contains($0.id)) },
      secrets: upgrade.newSecrets.map(\.name.rawValue), notes: upgrade.notes, isDryRun: isDryRun)
    take(report.steps)
  }

  init(_ report: RollbackOperation.Report, isDryRun: Bool = false) throws {
    let rollback = report.rollback
    try self.init(
      rollback.update, from: Version(rollback.versions.from, rollback.from, beside: rollback.versions.to),
      to: Version(rollback.versions.to, rollback.to, beside: rollback.versions.from), details: rollback.changes(),
      barriers: rollback.barriers,
      isDryRun: isDryRun)
    take(report.steps)
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

  private mutating func take(_ preview: StepsPreview?) {
    guard let preview else { return }
    isPlanned = true
    withoutEngine = preview.withoutEngine
    steps = preview.plan.due.map {
      Step(id: $0.step.id.rawValue, title: $0.step.title, reason: $0.reason?.description ?? "")
    }
  }

  var isSomethingToDo: Bool {
    !changes.isEmpty || !migrations.isEmpty || !steps.isEmpty || from.template != to.template
      || from.components != to.components
  }

  /// Shows the report and ends with the exit code of a dry run.
  func finishDryRun(_ output: Output) throws {
    try show(output)
    if !conflicts.isEmpty { throw ExitCode(DioptraError.ExitCode.conflicts.rawValue) }
    if isSomethingToDo { throw ExitCode(DioptraError.ExitCode.differences.rawValue) }
  }

  /// Shows the report when all is done; words for people were shown before the steps ran.
  func finish(_ output: Output) throws {
    if output.isJSON { try output.line(self) }
    guard !isPlanned, isSomethingToDo else { return }
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
  fileprivate init(_ version: GenerationVersion, _ generation: Int? = nil, beside other: GenerationVersion) {
    let changes = version.componentChanges(to: other)
    self.init(
      generation: generation, template: version.template, release: version.release,
      components: changes.isEmpty
        ? nil : Dictionary(uniqueKeysWithValues: changes.map { ($0.id.rawValue, $0.from) }))
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
