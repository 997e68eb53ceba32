import TestSupport

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// A server with its data, and whatever steps a test has.
struct BoxComponent: Component {
  var steps: [Step] = []
  var checks: [any DoctorCheck] = []
  var others: [Contribution] = []

  let id: ComponentID = "box"
  let summary = "A box"
  let isOptional = false

  var variables: [Variable] {
    [
      Variable("project_slug", .slug, default: .value("box"), help: "Name."),
      Variable("release", .choice(["1.0.0"]), default: .value("1.0.0"), help: "Release."),
      Variable("format", .count, default: .value("2"), help: "Format."),
    ]
  }

  func contributions(in context: Context) -> [Contribution] {
    [
      .secret(Secret("key", "The key")), .setting(Setting("KEY", "\(secret: "key")")),
      .volume(Volume("data", "The data")),
      .service(Service("server", "Serves.", image: "server:2")),
      .initService(Service("tool", "Helps.", image: "tool:1", connection: .none)),
      .dataFormat(
        DataFormat("data", file: "VERSION", expected: "2", program: "Box", image: "server:2", variable: "format")),
    ] + steps.map { .step($0) } + others
  }
}

extension Step {
  /// A step that leaves something in the volume.
  static func simple(_ id: StepID, after required: [StepID] = [], volumeBindings: [VolumeBinding] = []) -> Step {
    Step(
      id, "Do \(id)", requires: required, action: .run("tool", []), inputs: [.volume("data")],
      volumeBindings: volumeBindings, deadline: 5
    )
  }

  static let serve = Step("serve", "Start it", action: .start("tool", readyWhen: []), deadline: 5)
  static let stop = Step("stop", "Stop it", action: .stop, deadline: 5)
}

/// That deployment in a folder of its own, on an engine that is not there.
struct FakeDeployment {
  static let id = "00000000000000ff"

  let scratch: Scratch
  let folder: ConfinedFolder
  let state: State
  let registry: ComponentRegistry
  let deployment: Deployment
  let engine: FakeEngine

  init(
    _ steps: [Step], on engine: FakeEngine = FakeEngine(), checks: [any DoctorCheck] = [],
    also others: [Contribution] = []
  ) throws {
    self.engine = engine
    scratch = try Scratch(inMemory: true)
    folder = try ConfinedFolder(path: scratch.path)
    state = try State(creatingIn: folder, deployment: Self.id, now: .now)
    registry = try ComponentRegistry([BoxComponent(steps: steps, checks: checks, others: others)], templateVersion: 1)
    deployment = try Deployment(
      registry: registry, file: ConfigurationFile(text: ""),
      identity: Identity(deployment: Self.id, folder: folder.path))
    try state.generate(deployment.blueprint.secrets.map(\.value), now: .now)
    try scratch.write("KEY=one\n", to: ".env")
    engine.change { $0.volumes["box_data"] = Self.volume }
  }

  /// The deployment's own volume.
  static let volume = VolumeFacts(name: "box_data", owner: id, ownInstance: "mark", createdAt: "2026-11-01T00:00:00Z")

  var initialization: Initialization { Initialization(of: deployment, in: folder, on: engine) }

  func lifecycle() throws -> Lifecycle { try Lifecycle(of: deployment, in: folder, state, on: engine) }

  /// Runs what is due, as a run of its own.
  func initialize(watch: @escaping @Sendable (StepEvent) -> Void = { _ in }) async throws {
    let plan = try await initialization.plan(state: state)
    let secrets = try state.secretValues()
    try await state.recording(VersionedDeployment.run("init")) { record in
      try await initialization.run(plan, state: state, run: record, secrets: secrets, watch: watch)
    }
  }

  /// How the steps ended, by their names; "cut off" for one that did not.
  func outcomes() throws -> [StepID: String] {
    try state.stepRecords().mapValues { $0.outcome?.rawValue ?? "cut off" }
  }
}
