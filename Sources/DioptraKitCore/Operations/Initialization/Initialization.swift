public import DioptraModel
package import DioptraPlatform
package import DioptraRendering
package import DioptraState
package import DioptraSystem

/// The initialisation of a deployment on an engine.
package struct Initialization: Sendable {
  package let deployment: Deployment
  let folder: ConfinedFolder
  let executor: any StepExecutor

  package init(of deployment: Deployment, in folder: ConfinedFolder, on engine: any Engine) {
    self.deployment = deployment
    self.folder = folder
    executor = engine.executor(for: deployment)
  }

  private var engine: any Engine { executor.engine }

  /// The steps that have to run; read-only.
  ///
  /// - Parameters:
  /// - request: Steps that run in any case.
  /// - folderPlan: What will be written before they run; nil for the folder as it is.
  /// - Throws: `DioptraError` if a requested step does not exist, or the engine does not answer.
  package func plan(state: State?, request: StepRequest = .due, after folderPlan: FolderPlan? = nil) async throws
    -> InitPlan
  {
    let folder = try folderPlan?.preview ?? FolderPreview(folder)
    let steps = deployment.blueprint.steps
    let versions = try state?.secretVersions() ?? [:]
    let inputs = Dictionary(
      uniqueKeysWithValues: try steps.map { step in
        (step.id, try StepInputs(of: step.value, in: deployment, folder: folder, secretVersions: versions))
      })
    async let missing = engine.missing(deployment.images())
    async let volumes = engine.volumes(deployment.blueprint.volumes.map { deployment.volumeName($0.name) })
    let claims = try state?.claims(on: engine.id) ?? [:]
    let facts = InitPlan.Facts(
      engine: engine.id, missingImages: try await missing,
      volumes: try await volumes.mapValues { $0.instance(claims[$0.name]) },
      demands: try Self.demands(on: deployment, state, folderPlan?.target.migrations ?? []))
    return InitPlan(
      steps, inputs: inputs, ledger: try state?.stepRecords() ?? [:], facts: facts,
      asked: try request.steps(of: steps), onlyAsked: request != .due)
  }

  /// Runs a plan after checking the guards.
  ///
  /// - Parameters:
  ///   - run: The run of State that the steps are part of.
  /// - watch: Receives events, from several threads.
  /// - Throws: `DioptraError` of a guard, or one that names the failed steps; `CancellationError`.
  package func run(
    _ plan: InitPlan, state: State, run: RunRecord, secrets: SecretValues,
    watch: @escaping @Sendable (StepEvent) -> Void
  ) async throws {
    let ledger = StepLedger(state: state, run: try run.begin(), engine: engine.id)
    let guards = try guards(plan, state)
    if plan.touchesVolumes { try await guards.check(watch) }
    func perform(_ plan: InitPlan) async throws {
      let runner = StepRunner(
        plan: plan, executor: executor, secrets: secrets, ledger: ledger, fetches: deployment.fetchesAtOnce)
      if let error = StepFailure.error(of: try await runner.run(watch: watch)) { throw error }
    }
    guard plan.touchesVolumes else { return try await perform(plan) }
    // Existing data can only be looked into with the programs that made them.
    let parts = plan.parted(fetching: try await guards.imagesOfData())
    try await perform(parts.first)
    try await guards.checkData()
    try await executor.makeReady()
    try await perform(parts.rest)
  }

  /// Checks the guards for touching the deployment's volumes, as `run` does; read-only.
  ///
  /// - Throws: The refusal, with which a run ends as stopped.
  package func check(_ plan: InitPlan, state: State, watch: (StepEvent) -> Void) async throws {
    guard plan.touchesVolumes else { return }
    try await guards(plan, state).check(watch)
  }

  private func guards(_ plan: InitPlan, _ state: State) throws -> InitGuards {
    InitGuards(executor: executor, common: try state.guards(for: deployment, in: folder, on: engine), plan: plan)
  }

  /// The steps requested by migrations, applied and planned.
  static func demands(
    on deployment: Deployment, _ state: State?, _ planned: [Migration]
  ) throws -> [StepID: InitPlan.Demand] {
    let known = deployment.configuration.components.flatMap(\.migrations)
    var demands: [StepID: InitPlan.Demand] = [:]
    func add(_ migration: Migration, _ run: Int) {
      for case .runStep(let step) in migration.changes {
        demands[step] = InitPlan.Demand(migration: migration.id, run: run)
      }
    }
    for (id, run) in try state?.appliedMigrations() ?? [] {
      if let migration = known.first(where: { $0.id == id }) { add(migration, run) }
    }
    for migration in planned { add(migration, .max) }
    return demands
  }

  /// Removes the remains of an interrupted run: programs first, since they may still create containers. The holder of
  /// the lock calls this before making a plan.
  package func sweep() async throws {
    OrphanedPrograms(in: folder).end()
    try await executor.cleanUp()
  }
}

/// The steps that the user requests.
public enum StepRequest: Equatable, Sendable {
  /// The due steps.
  case due
  /// Some steps, due or not, with what they need.
  case only([StepID])
  /// One step and all later ones, due or not.
  case from(StepID)

  /// The steps that run even if nothing has changed.
  func steps(of known: [Owned<Step>]) throws -> Set<StepID> {
    let named: [StepID] =
      switch self {
      case .due: []
      case .only(let ids): ids
      case .from(let id): [id]
      }
    for id in named where !known.contains(where: { $0.id == id }) {
      throw DioptraError(
        .nameUnknown, "there is no step \(id.rawValue.quoted)",
        remedy: .name(like: id.rawValue, in: known.map(\.id.rawValue)) ?? "See \(dioptra: "steps") for their names")
    }
    guard case .from(let first) = self else { return Set(named) }
    // Steps come after those that they require.
    return known.reduce(into: [first]) { chosen, step in
      if step.action != .stop, !chosen.isDisjoint(with: step.requires) { chosen.insert(step.id) }
    }
  }
}
