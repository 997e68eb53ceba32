import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// A component has a version of its own, and a deployment gets a new one by an upgrade.
struct ComponentVersionTests {
  private let deployment: VersionedDeployment

  init() throws {
    deployment = try VersionedDeployment(also: [LampComponent()])
  }

  private func registry(lamp version: Int) throws -> ComponentRegistry {
    try VersionedDeployment.registry(1, also: [LampComponent(version: version)])
  }

  private func upgrade(lamp version: Int) throws -> Upgrade {
    try Upgrade(
      of: deployment.folder, state: deployment.state, registry: try registry(lamp: version),
      file: try deployment.configuration)
  }

  /// - Returns: The run.
  private func apply(lamp version: Int) throws -> Int {
    let run = try deployment.startRun("upgrade")
    try upgrade(lamp: version).folderPlan.apply(to: deployment.state, run: run, now: deployment.now)
    return run
  }

  @Test func aGenerationRecordsTheVersionOfEachComponent() throws {
    #expect(try deployment.state.appliedVersion()?.components == ["box": 1, "lamp": 1])
    #expect(try upgrade(lamp: 1).isNothingToDo)
  }

  @Test func onlyAnUpgradeBringsAnotherVersion() throws {
    let registry = try registry(lamp: 2)
    let configuration = try Configuration(registry: registry, file: try deployment.configuration)
    let refusal = #expect(throws: DioptraError.self) {
      try deployment.state.requireUpToDate(registry, for: configuration)
    }
    #expect(refusal?.problem == "the deployment has version 1 of the component 'lamp', and this dioptra has version 2")
    #expect(try !deployment.state.isRendered(by: registry))
  }

  @Test func oneComponentIsUpgradedOnItsOwnAndHistoryTellsIt() throws {
    let planned = try upgrade(lamp: 2)
    #expect(planned.from.componentChanges(to: planned.to) == [ComponentChange(id: "lamp", from: 1, to: 2)])
    #expect(planned.migrations.map(\.id) == ["lamp.dim"])
    #expect(planned.folderPlan.changes.map(\.path) == ["lamp.txt"])
    let run = try apply(lamp: 2)
    #expect(try deployment.scratch.read("lamp.txt") == "dimmed\n")
    #expect(try deployment.state.appliedVersion()?.components == ["box": 1, "lamp": 2])
    #expect(try upgrade(lamp: 2).isNothingToDo)
    let history = History(of: deployment.state, in: deployment.folder)
    #expect(try history.runs().map(\.components) == [[ComponentChange(id: "lamp", from: 1, to: 2)], nil])
    let details = try history.details(of: run)
    #expect(details.components == [ComponentChange(id: "lamp", from: 1, to: 2)])
    #expect(details.text(now: deployment.now, all: false).contains("Components  lamp from 1 to 2\n"))
    #expect(try deployment.state.verify().isIntact)
  }

  @Test func anOlderComponentIsRefusedByName() throws {
    _ = try apply(lamp: 2)
    let error = #expect(throws: DioptraError.self) { try upgrade(lamp: 1) }
    #expect(error?.problem == "the deployment was made with version 2 of the component 'lamp'")
  }

  @Test func aVersionThatFollowsOnlyFromTheComponentIsRecordedWithoutAnyChangeOfAFile() throws {
    _ = try apply(lamp: 2)
    let next = try upgrade(lamp: 3)
    #expect(next.folderPlan.changes.isEmpty && !next.isNothingToDo)
    _ = try apply(lamp: 3)
    #expect(try deployment.state.appliedVersion()?.components["lamp"] == 3)
    #expect(try upgrade(lamp: 3).isNothingToDo)
  }

  @Test func explainTellsTheVersionHereAndInTheDeployment() throws {
    let registry = try registry(lamp: 2)
    let file = try deployment.configuration
    let rendered = try Deployment(
      registry: registry, file: file,
      identity: Identity(deployment: try deployment.state.deployment, folder: deployment.folder.path))
    let explanation = try Explainer(rendered, of: registry, by: file, in: deployment.folder, state: deployment.state)
      .explanation(of: "lamp")
    #expect(explanation.kind == .component)
    #expect(explanation.facts.first { $0.title == "version" }?.words == ["2"])
    #expect(
      explanation.facts.first { $0.title == "in the deployment" }?.words == ["version 1 as generation 1 records it"])
  }
}
