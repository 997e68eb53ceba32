import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A machine without any network. What it needs comes in a file.
  @Suite struct AirGap {
    private let stage = Stage.shared

    @Test func withLoadedImagesADeploymentIsInitialisedAndHealthy() async throws {
      try await stage.stopped()
      let machine = try await MachineApart()
      defer { machine.end() }
      let scratch = try Scratch()
      let load = try await Tool.run(
        "bash",
        [
          "-c", #"set -o pipefail; target=$1; shift; docker save "$@" | docker --host "$target" load"#, "bash",
          machine.address,
        ] + BedImages.choices.values.sorted(), environment: Engine.environment)
      try #require(load.succeeded, "\(load.errors)")

      let run = try await ProgramRun.dioptra(
        ["init", "lab", "--no-input"], in: scratch.path, environment: machine.environment)
      #expect(run.status == 0, "\(run.errors) \(run.output)")
      figure("first init without a network", run.duration.text)
      let started = try await Tool.run(
        Tool.dioptra, ["start", "--wait", "--timeout", "600"], environment: machine.environment,
        in: scratch.file("lab"))
      #expect(started.succeeded, "\(started.output) \(started.errors)")
      let services = try await machine.docker("ps", "--format", "{{.Status}}").split(separator: "\n")
      #expect(services.count == 9 && services.allSatisfy { $0.contains("(healthy)") }, "\(services)")
    }
  }
}
