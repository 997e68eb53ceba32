public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
public import DioptraSystem

/// Every run of every command that changed the deployment or tried to. Looking at it writes nothing.
public struct History {
  let state: State
  let folder: ConfinedFolder

  public init(of state: State, in folder: ConfinedFolder) {
    self.state = state
    self.folder = folder
  }

  /// The runs, the newest first.
  ///
  /// - Parameters:
  ///   - since: Leaves out what began before.
  ///   - component: Leaves out what changed none of its files, nothing of it in files of others, and ran none of its steps.
  ///   - registry: Tells what of others' files is the component's.
  public func runs(
    since: Timestamp? = nil, component: ComponentID? = nil, of registry: ComponentRegistry? = nil
  ) throws -> [HistoryRun] {
    let chosen = try component.map { component in
      let known = try runIDs(of: component)
      guard let registry else { return known }
      var runs = try ComponentRuns(of: component, in: state, folder: folder.path, registry: registry)
      return try runs.runs(but: known)
    }
    let going = try runGoingOn()
    var runs: [HistoryRun] = []
    try state.database.snapshot {
      let generations = try generations()
      let steps = try counts("SELECT run, count(*) FROM step GROUP BY run")
      try state.database.forEachPosition(Self.statement, [.text(since?.description ?? "")]) { row in
        let id = row.integer(0) ?? 0
        guard chosen?.contains(id) ?? true else { return }
        let made = generations[id]
        runs.append(
          HistoryRun(
            id: id, command: row.text(1) ?? "", version: row.text(2) ?? "", user: row.text(3) ?? "",
            host: row.text(4) ?? "", startedAt: row.text(5) ?? "", finishedAt: row.text(6),
            outcome: row.text(7).map { HistoryRun.Outcome(rawValue: $0) } ?? (going(id) ? nil : .interrupted),
            generation: made?.id, filesChanged: made?.files ?? 0, onlyPath: made?.onlyPath, steps: steps[id] ?? 0))
      }
    }
    return runs
  }

  /// - Throws: `DioptraError` when there is no such run.
  public func run(_ id: Int) throws -> HistoryRun {
    guard let run = try runs().first(where: { $0.id == id }) else {
      throw DioptraError("there is no run \(id)", remedy: "See `dioptra history` for the numbers of runs")
    }
    return run
  }

  /// The components that history tells of.
  public func components() throws -> Set<ComponentID> {
    let rows = try state.database.rows("SELECT component FROM file UNION SELECT component FROM step")
    return Set(rows.map { ComponentID($0.text(0) ?? "") })
  }

  private static let statement = """
    SELECT id, command, version, user, host, started_at, finished_at, outcome
    FROM run WHERE started_at >= ? ORDER BY id DESC
    """

  /// What a run made of the folder.
  private struct Made {
    let id: Int
    var files = 0
    /// Where one file alone was changed.
    var onlyPath: String?
  }

  /// The generation of each run. A run may have planned again what it had planned: the last one counts.
  ///
  /// Two walks over tables in their own order: joined by SQLite, they take three times as long.
  private func generations() throws -> [Int: Made] {
    var all: [(run: Int, made: Made)] = []
    try state.database.forEachPosition("SELECT run, id FROM generation ORDER BY id") { row in
      all.append((row.integer(0) ?? 0, Made(id: row.integer(1) ?? 0)))
    }
    let statement = """
      SELECT generation, count(*), CASE WHEN count(*) = 1 THEN path END FROM change GROUP BY generation ORDER BY 1
      """
    var index = 0
    try state.database.forEachPosition(statement) { row in
      let id = row.integer(0) ?? 0
      while index < all.count, all[index].made.id < id { index += 1 }
      guard index < all.count, all[index].made.id == id else { return }
      all[index].made.files = row.integer(1) ?? 0
      all[index].made.onlyPath = row.text(2)
    }
    return Dictionary(all.map { ($0.run, $0.made) }, uniquingKeysWith: { $1 })
  }

  private func counts(_ statement: String) throws -> [Int: Int] {
    var counts: [Int: Int] = [:]
    try state.database.forEachPosition(statement) { counts[$0.integer(0) ?? 0] = $0.integer(1) }
    return counts
  }

  /// The runs that changed a file of a component or ran a step of it.
  private func runIDs(of component: ComponentID) throws -> Set<Int> {
    let rows = try state.database.rows(
      """
      SELECT run FROM step WHERE component = ?1
      UNION SELECT run FROM generation JOIN change ON generation = generation.id
        WHERE path IN (SELECT path FROM file WHERE component = ?1)
      """, [.text(component.rawValue)])
    return Set(rows.compactMap { $0.integer(0) })
  }

  // MARK: Going on or interrupted

  /// Tells of a run without an end whether it goes on: its process has the lock.
  private func runGoingOn() throws -> (Int) -> Bool {
    let before = try openRuns()
    guard !before.isEmpty else { return { _ in false } }
    let holder = FolderLock.holder(in: folder)
    // What ended between the two looks is neither.
    let open = try openRuns()
    guard let newest = open.max(by: { $0.id < $1.id }) else { return { _ in false } }
    guard let holder else { return { id in !before.contains { $0.id == id } } }
    // A holder that came later has nothing to do with it.
    let isHolders = holder.since.map { newest.startedAt >= $0.description } ?? true
    return { id in isHolders && id == newest.id }
  }

  private func openRuns() throws -> [(id: Int, startedAt: String)] {
    try state.database.rows("SELECT id, started_at FROM run WHERE outcome IS NULL").map {
      ($0.integer(0) ?? 0, $0.text(1) ?? "")
    }
  }
}
