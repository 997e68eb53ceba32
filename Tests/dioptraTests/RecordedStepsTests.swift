import Foundation
import Plugins
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// What State alone knows about the steps, without an engine.
struct RecordedStepsTests {
  private let shell: Shell

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input", "--render-only")
  }

  @Test func aRecordedStepIsDueOnlyAfterItsInputsChange() async throws {
    #expect(try await shell.dioptra("init", "--dry-run", in: "lab").status == 2)
    try await noteThatAllSucceeded()
    let done = try await shell.dioptra("init", "--dry-run", in: "lab")
    #expect(done.status == 0, "\(done.output)")
    #expect(
      done.output.contains(
        "All steps of initialisation have run, according to the records: Docker is not installed on this host."))
    let port = try await shell.dioptra("init", "--dry-run", "--set", "nginx_send_timeout=61s", in: "lab")
    #expect(port.status == 2 && port.output.contains("Fill the volumes: changed: config/nginx"), "\(port.output)")
    _ = try await shell.dioptra(
      "init", "--render-only", "--set", "nginx_send_timeout=61s", in: "lab")
    let report = try Shell.object(try await shell.dioptra("init", "--dry-run", "--json", in: "lab"))
    let steps = try #require(report["pendingSteps"] as? [[String: String]])
    #expect(steps.map { $0["id"] } == ["volumes.prepare"])
  }

  /// Writes into State what a run on an engine would have written.
  private func noteThatAllSucceeded() async throws {
    let folder = try ConfinedFolder(path: shell.scratch.file("lab"))
    let state = try State(creatingIn: folder, deployment: Identity.unnamed, now: .now)
    let file = try ConfigurationFile(text: shell.scratch.read("lab/dioptra.yaml"))
    let versions = try state.secretVersions()
    let deployment = try Deployment(
      registry: ReferenceDeployment.registry(), file: file,
      identity: Identity(deployment: state.deployment, folder: folder.path), secretVersions: versions)
    let description = State.RunDescription(arguments: ["dioptra", "init"], version: "0", user: "user", host: "host")
    try await state.recording(description) { record in
      let run = try record.begin()
      for step in deployment.blueprint.steps {
        let inputs = try StepInputs(
          of: step.value, in: deployment, folder: FolderPreview(folder), secretVersions: versions)
        try state.startStep(step, run: run, engine: "E1", inputs: inputs.values, now: .now)
        try state.finishStep(
          step.id, run: run, .succeeded, volumes: Dictionary(uniqueKeysWithValues: inputs.volumes.map { ($0, "mark") }),
          output: "", duration: 1, now: .now)
      }
    }
  }
}
