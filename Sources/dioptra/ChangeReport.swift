import DioptraKitCore

/// What `upgrade` or `rollback` did, or would do.
struct ChangeReport: Encodable {
  struct Change: Encodable {
    let path: String
    let action: FileAction
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
    /// Whether it may be applied: it can be undone, there is a backup, or it was allowed by name.
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
  let conflicts: [FolderPlan.Entry]
  /// The files whose edits are kept.
  let kept: [String]
  /// The files with conflict markers.
  let marked: [String]
  let migrations: [MigrationEntry]
  /// What blocks the rollback.
  let barriers: [Rollback.Barrier]
  /// The secrets that are generated.
  let secrets: [String]
  let details: UpgradeChanges
  /// What the user should review.
  let notes: [String]
  private(set) var steps: [Step] = []
  let isDryRun: Bool
  /// Whether it is known which steps are due.
  private(set) var isPlanned = false
  /// Why the engine was not asked which steps are due; nil if it was.
  private(set) var withoutEngine: String?

  enum CodingKeys: String, CodingKey {
    case folder, from, to, changes, conflicts, kept, marked, migrations, barriers, secrets, details, notes, steps
  }

  init(_ report: UpgradeOperation.Report, isDryRun: Bool = false) throws {
    let upgrade = report.upgrade
    let refused = Set(report.unallowed.map(\.id))
    try self.init(
      upgrade.folderPlan, from: Version(upgrade.from, beside: upgrade.to),
      to: Version(upgrade.to, beside: upgrade.from),
      details: upgrade.changes(),
      migrations: upgrade.migrations.map { MigrationEntry($0, allowed: !refused.contains($0.id)) },
      secrets: upgrade.newSecrets.map(\.name.rawValue), notes: upgrade.notes, isDryRun: isDryRun)
    take(report.steps)
  }

  init(_ report: RollbackOperation.Report, isDryRun: Bool = false) throws {
    let rollback = report.rollback
    try self.init(
      rollback.folderPlan, from: Version(rollback.versions.from, rollback.from, beside: rollback.versions.to),
      to: Version(rollback.versions.to, rollback.to, beside: rollback.versions.from), details: rollback.changes(),
      barriers: rollback.barriers,
      isDryRun: isDryRun)
    take(report.steps)
  }

  private init(
    _ folderPlan: FolderPlan, from: Version, to: Version, details: UpgradeChanges, migrations: [MigrationEntry] = [],
    barriers: [Rollback.Barrier] = [], secrets: [String] = [], notes: [String] = [], isDryRun: Bool
  ) throws {
    folder = folderPlan.path
    self.from = from
    self.to = to
    changes = try folderPlan.allEntries.filter { $0.action != .conflict }.map {
      Change(path: $0.path, action: $0.action, diff: isDryRun ? try folderPlan.difference(at: $0.path) : nil)
    }
    conflicts = folderPlan.conflicts
    kept = folderPlan.kept
    marked = folderPlan.marked
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
      summary: migration.summary + (migration.direction == .reversible ? "" : " \(migration.direction.text)"),
      version: migration.version.text, reversible: migration.direction == .reversible, allowed: allowed,
      notes: migration.notes)
  }
}
