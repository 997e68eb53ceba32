import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// Which steps run, and why.
struct InitPlanTests {
  private let deployment: Deployment
  private let steps: [Owned<Step>]
  private let volumes: [String: String]

  init() throws {
    deployment = try RenderedFolder.deployment()
    let deployment = deployment
    steps = deployment.blueprint.steps
    volumes = Dictionary(
      uniqueKeysWithValues: deployment.blueprint.volumes.map { (deployment.volumeName($0.name), "mark of \($0.name)") })
  }

  @Test func whatNeverRanIsDueAndImagesThatAreThereAreNotFetched() throws {
    let plan = try plan(ledger: [:])
    #expect(Set(plan.due.map(\.step.id)) == Set(steps.filter { !$0.action.isFetch }.map(\.id)))
    #expect(plan.due.filter { $0.step.id != "services.stop" }.allSatisfy { $0.reason == .neverRan })
  }

  @Test func afterEverythingHasRunNothingIsDue() throws {
    #expect(try plan(ledger: ran()).due.isEmpty)
  }

  @Test func imagesThatAreMissingAreFetchedAndNothingElseRuns() throws {
    let plan = try plan(ledger: ran(), missingImages: ["redis:7.2.6"])
    #expect(plan.due.map(\.step.id) == ["image.redis"])
    #expect(!plan.touchesVolumes)
  }

  @Test func aChangedInputMakesItsStepsDueWithTheServicesThatTheyNeed() throws {
    let plan = try plan(ledger: ran(), changing: "config/minio")
    #expect(plan.due.map(\.step.id) == ["minio.start", "minio.setup", "services.stop"])
    #expect(
      plan.due.map(\.reason) == [
        .needed(by: "Set up the object store's bucket, accounts and policies"), .changed(["config/minio"]), .ending,
      ])
  }

  @Test func aStepThatFailedOrWasCutOffRunsAgain() throws {
    for outcome in [State.StepOutcome.failed, nil] {
      let plan = try plan(ledger: ran { $0 == "frontend.build" ? outcome : .succeeded })
      #expect(plan.due.map(\.step.id) == ["frontend.build"])
      #expect(plan.due.first?.reason == .didNotSucceed)
    }
  }

  @Test func onAnotherEngineEverythingIsDue() throws {
    let plan = try plan(ledger: ran(engine: "another"))
    #expect(plan.due.count == steps.count { !$0.action.isFetch })
    #expect(plan.due.first?.reason == .otherEngine)
  }

  @Test(arguments: [nil, "another mark"])
  func aVolumeThatIsGoneOrAnotherMakesExactlyItsStepsDue(mark: String?) throws {
    var present = volumes
    present["dioptra-deployment_postgres-data"] = mark
    let plan = try plan(ledger: ran(), volumes: present)
    #expect(
      Set(plan.due.map(\.step.id)) == [
        "postgres.start", "postgres.access", "restapi.start", "workers.account", "services.stop",
      ])
  }

  @Test func whatIsAskedForRunsWithWhatItNeedsAndNothingElse() throws {
    let only = try plan(ledger: [:], asked: StepRequest.only(["workers.account"]).steps(of: steps), onlyAsked: true)
    #expect(only.due.map(\.step.id) == ["postgres.start", "restapi.start", "workers.account", "services.stop"])
    let from = try plan(ledger: ran(), asked: StepRequest.from("restapi.start").steps(of: steps), onlyAsked: true)
    #expect(from.due.map(\.step.id) == ["postgres.start", "restapi.start", "workers.account", "services.stop"])
    #expect(throws: DioptraError.self) { try StepRequest.only(["minio.setpu"]).steps(of: steps) }
  }

  @Test func aStepThatWasChosenToBeLeftOutIsNoPartOfThePlan() throws {
    let deployment = try RenderedFolder.deployment(["skip_minio_setup": "true"])
    let inputs = try inputs(of: deployment)
    let plan = InitPlan(
      deployment.blueprint.steps, inputs: inputs, ledger: [:],
      facts: .init(engine: "engine", missingImages: [], volumes: volumes))
    #expect(!plan.entries.contains { $0.step.id == "minio.setup" })
  }

  // MARK: Scenes

  private func plan(
    ledger: [StepID: State.StepRecord], missingImages: [String] = [], volumes: [String: String]? = nil,
    changing path: String? = nil, asked: Set<StepID> = [], onlyAsked: Bool = false
  ) throws -> InitPlan {
    let facts = InitPlan.Facts(engine: "engine", missingImages: missingImages, volumes: volumes ?? self.volumes)
    return InitPlan(
      steps, inputs: try inputs(of: deployment, changing: path), ledger: ledger, facts: facts, asked: asked,
      onlyAsked: onlyAsked)
  }

  private func inputs(of deployment: Deployment, changing path: String? = nil) throws -> [StepID: StepInputs] {
    let folder = try RenderedFolder()
    if let path { try folder.scratch.write("changed", to: "\(path)/changed") }
    let confined = try ConfinedFolder(path: folder.path)
    return try Dictionary(
      uniqueKeysWithValues: deployment.blueprint.steps.map { step in
        (step.id, try StepInputs(of: step.value, in: deployment, folder: FolderPreview(confined), secretVersions: [:]))
      })
  }

  private func ran(
    engine: String = "engine", _ outcome: (StepID) -> State.StepOutcome? = { _ in .succeeded }
  ) throws -> [StepID: State.StepRecord] {
    try inputs(of: deployment).reduce(into: [:]) { ledger, entry in
      let (id, inputs) = entry
      ledger[id] = State.StepRecord(
        run: 1, id: id, startedAt: "2026-11-24T08:00:00Z", finishedAt: "2026-11-24T08:00:01Z", duration: 1,
        outcome: outcome(id), engine: engine, inputs: inputs.values,
        volumes: Dictionary(uniqueKeysWithValues: inputs.volumes.map { ($0, volumes[$0] ?? "") }))
    }
  }
}
