package import DioptraModel
package import DioptraSystem

/// Queries about runs, for the history.
extension State {
  /// A recorded run.
  package struct Run {
    package let id: Int
    package let command: String
    package let version: String
    package let user: String
    package let host: String
    package let startedAt: String
    package let finishedAt: String?
    /// nil for a run that is in progress, or whose process ended before it did.
    package let outcome: RunOutcome?
    /// The newest generation that it planned.
    package let generation: Int?
    /// The number of paths that the generation changes.
    package let filesChanged: Int
    /// The path, if there is only one.
    package let onlyPath: String?
    /// The number of steps that it started.
    package let steps: Int
    /// The components to which its generation gave another version; nil if there is none.
    package let components: [ComponentChange]?
  }

  /// Passes on the runs one by one, newest first.
  ///
  /// - Parameters:
  /// - since: Leaves out runs that started earlier.
  /// - chosen: The runs to include; nil for all.
  package func forEachRun(since: Timestamp?, of chosen: Set<Int>?, _ body: (Run) throws -> Void) throws {
    try database.snapshot {
      let generations = try generationsOfRuns()
      let steps = try stepCounts()
      try database.forEach(
        """
        SELECT id, command, version, user, host, started_at, finished_at, outcome
        FROM run WHERE started_at >= ? ORDER BY id DESC
        """, [.text(since?.description ?? "")]
      ) { row in
        let id: Int = try row["id"]
        guard chosen?.contains(id) ?? true else { return }
        let made = generations[id]
        try body(
          Run(
            id: id, command: try row["command"], version: try row["version"], user: try row["user"],
            host: try row["host"], startedAt: try row["started_at"], finishedAt: try row["finished_at"],
            outcome: try row["outcome"], generation: made?.id, filesChanged: made?.files ?? 0,
            onlyPath: made?.onlyPath, steps: steps[id] ?? 0,
            components: made?.components))
      }
    }
  }

  /// How a run changed the folder.
  private struct Made {
    let id: Int
    var files = 0
    /// The path, if only one file changed.
    var onlyPath: String?
    /// The components that have another version since; nil if none has.
    var components: [ComponentChange]?
  }

  /// The generation of each run. If a run planned several times, the last one counts.
  ///
  /// Reads two tables in their own order: joined by SQLite, this takes three times as long.
  private func generationsOfRuns() throws -> [Int: Made] {
    var before: String?
    var all: [(run: Int, made: Made)] = try database.all(
      "SELECT run, id, components, applied_at FROM generation ORDER BY id"
    ) { row in
      let versions: (components: String?, appliedAt: String?) = (try row["components"], try row["applied_at"])
      defer { if versions.appliedAt != nil { before = versions.components } }
      return (
        try row["run"],
        Made(id: try row["id"], components: GenerationVersion.componentChanges(from: before, to: versions.components))
      )
    }
    var index = 0
    try database.forEach(
      """
      SELECT generation, count(*) AS files, CASE WHEN count(*) = 1 THEN path END AS only_path
      FROM change GROUP BY generation ORDER BY 1
      """
    ) { row in
      let id: Int = try row["generation"]
      while index < all.count, all[index].made.id < id { index += 1 }
      guard index < all.count, all[index].made.id == id else { return }
      all[index].made.files = try row["files"]
      all[index].made.onlyPath = try row["only_path"]
    }
    return Dictionary(all.map { ($0.run, $0.made) }, uniquingKeysWith: { $1 })
  }

  private func stepCounts() throws -> [Int: Int] {
    var counts: [Int: Int] = [:]
    try database.forEach("SELECT run, count(*) AS steps FROM step GROUP BY run") { row in
      counts[try row["run"]] = try row["steps"]
    }
    return counts
  }

  /// The runs without an end, and when they started.
  package func openRuns() throws -> [(id: Int, startedAt: String)] {
    try database.all("SELECT id, started_at FROM run WHERE outcome IS NULL") { (try $0["id"], try $0["started_at"]) }
  }

  // MARK: Components

  /// The components that have files in any generation, or steps in any run.
  package func recordedComponents() throws -> Set<ComponentID> {
    Set(try database.all("SELECT component FROM file UNION SELECT component FROM step") { try $0["component"] })
  }

  /// The runs that changed a component's file or ran one of its steps.
  package func runs(of component: ComponentID) throws -> Set<Int> {
    Set(
      try database.all(
        """
        SELECT run FROM step WHERE component = ?1
        UNION SELECT run FROM generation JOIN change ON generation = generation.id
          WHERE path IN (SELECT path FROM file WHERE component = ?1)
        """, [.text(component.rawValue)]
      ) { try $0["run"] })
  }

  /// A path whose expected content differs from the previous generation.
  package struct ChangedFile {
    package let run: Int
    package let generation: Int
    package let path: String
    package let component: ComponentID
  }

  /// The differences between each generation and the previous one, in order.
  package func changedFiles() throws -> [ChangedFile] {
    try database.all(
      """
      WITH made AS (
        SELECT run, id, (SELECT max(id) FROM generation AS b WHERE b.id < g.id AND applied_at IS NOT NULL) AS before
        FROM generation AS g
      )
      SELECT run, id, new.path AS path, new.component AS component FROM made JOIN file AS new ON new.generation = id
        LEFT JOIN file AS old ON old.generation = before AND old.path = new.path
        WHERE new.recorded IS NOT old.recorded OR new.recorded_mode IS NOT old.recorded_mode
      UNION ALL
      SELECT run, id, old.path, old.component FROM made JOIN file AS old ON old.generation = before
        LEFT JOIN file AS new ON new.generation = id AND new.path = old.path
        WHERE new.path IS NULL
      ORDER BY 2
      """
    ) { row in
      ChangedFile(
        run: try row["run"], generation: try row["id"], path: try row["path"], component: try row["component"])
    }
  }

  // MARK: One run

  /// A step of a run with its output.
  package struct RunStep {
    package let id: StepID
    package let title: String
    package let component: ComponentID
    package let startedAt: String
    package let finishedAt: String?
    /// Seconds; nil for a step without an end.
    package let duration: Double?
    package let outcome: StepOutcome?
    /// nil if it was pruned, or nothing was recorded yet.
    package let output: String?
  }

  /// The steps of a run in the order in which they started.
  package func steps(of run: Int) throws -> [RunStep] {
    try database.all(
      """
      SELECT id, title, component, started_at, finished_at, duration, outcome, body
      FROM step LEFT JOIN output ON digest = output WHERE run = ? ORDER BY started_at, finished_at IS NULL, finished_at, id
      """, [.integer(run)]
    ) { row in
      let duration: String? = try row["duration"]
      return RunStep(
        id: try row["id"], title: try row["title"], component: try row["component"], startedAt: try row["started_at"],
        finishedAt: try row["finished_at"], duration: duration.flatMap { Double($0) }, outcome: try row["outcome"],
        output: try row["body"])
    }
  }

  /// The migrations that a generation applied, in order.
  package func migrations(of generation: Int) throws -> [MigrationID] {
    try database.all("SELECT id FROM migration WHERE generation = ? ORDER BY rowid", [.integer(generation)]) {
      try $0["id"]
    }
  }

  /// When the files of a generation were in place; nil if they never were.
  package func appliedAt(_ generation: Int) throws -> String? {
    try database.value("SELECT applied_at FROM generation WHERE id = ?", [.integer(generation)])
  }
}
