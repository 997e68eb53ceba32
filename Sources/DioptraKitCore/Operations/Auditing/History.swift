public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
public import DioptraSystem

/// Every run of every command that changed the deployment or tried to. Read-only.
public struct History {
  let state: State
  let folder: ConfinedFolder

  /// The history in a deployment's State.
  ///
  /// - Parameter folder: The deployment's folder, whose lock shows whether a run is in progress.
  public init(of state: State, in folder: ConfinedFolder) {
    self.state = state
    self.folder = folder
  }

  /// The runs, newest first.
  ///
  /// - Parameters:
  /// - since: Leaves out runs that started earlier.
  /// - component: Leaves out runs that changed nothing of the component and ran none of its steps.
  /// - registry: The components, to find a component's lines in shared files.
  public func runs(
    since: Timestamp? = nil, component: ComponentID? = nil, of registry: ComponentRegistry? = nil
  ) throws -> [HistoryRun] {
    let chosen = try component.map { component in
      let known = try state.runs(of: component)
      guard let registry else { return known }
      var runs = try ComponentRuns(of: component, in: state, folder: folder.path, registry: registry)
      return try runs.runs(but: known)
    }
    let going = try runGoingOn()
    var runs: [HistoryRun] = []
    try state.forEachRun(since: since, of: chosen) { run in
      runs.append(HistoryRun(run, goesOn: run.outcome == nil && going(run.id)))
    }
    return runs
  }

  /// - Throws: `DioptraError` if there is no such run.
  public func run(_ id: Int) throws -> HistoryRun {
    guard let run = try runs().first(where: { $0.id == id }) else {
      throw DioptraError(
        .nameUnknown, "there is no run \(id)", remedy: "See \(dioptra: "history") for the numbers of runs")
    }
    return run
  }

  /// The components in the history.
  public func components() throws -> Set<ComponentID> {
    try state.recordedComponents()
  }

  // MARK: Running or interrupted

  /// Tells whether a run without an end is in progress: its process holds the lock.
  private func runGoingOn() throws -> (Int) -> Bool {
    let before = try state.openRuns()
    guard !before.isEmpty else { return { _ in false } }
    let holder = FolderLock.holder(in: folder)
    // A run that ended between the two queries is neither.
    let open = try state.openRuns()
    guard let newest = open.max(by: { $0.id < $1.id }) else { return { _ in false } }
    guard let holder else { return { id in !before.contains { $0.id == id } } }
    // A later holder is unrelated.
    let isHolders = holder.since.map { newest.startedAt >= $0.description } ?? true
    return { id in isHolders && id == newest.id }
  }
}

extension HistoryRun {
  fileprivate init(_ run: State.Run, goesOn: Bool) {
    self.init(
      id: run.id, command: run.command, version: run.version, user: run.user, host: run.host, startedAt: run.startedAt,
      finishedAt: run.finishedAt, outcome: run.outcome.map { Outcome($0) } ?? (goesOn ? nil : .interrupted),
      generation: run.generation, filesChanged: run.filesChanged, onlyPath: run.onlyPath, steps: run.steps,
      components: run.components)
  }
}
