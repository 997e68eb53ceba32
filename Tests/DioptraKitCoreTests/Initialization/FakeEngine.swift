import Synchronization
import Testing

@testable import DioptraModel
@testable import DioptraPlatform
@testable import DioptraRendering
@testable import DioptraSystem

/// An engine that is not there. A test says what it has; what is done to it is remembered in order. What no test expects
/// is a failure.
final class FakeEngine: Engine {
  let id = "engine-1"
  let summary = "Fake 1"
  let orchestrator = "Fake"
  let runtimes: [String] = []
  let dataFolder: String? = nil
  let tellsCreation = true

  /// A container, with what it uses.
  struct Box: Sendable {
    let facts: ContainerFacts
    var volumes: [String] = []
    var isWriting = true

    /// - Parameter workingDirectory: The folder whose files name the service.
    init(
      _ name: String, running: Bool = true, service: String? = nil, workingDirectory: String? = nil,
      project: String? = nil,
      on volumes: [String] = [], writing: Bool = true
    ) {
      facts = ContainerFacts(
        id: "id of \(name)", names: name, image: "image", isRunning: running, service: service,
        workingDirectory: workingDirectory,
        project: project)
      self.volumes = volumes
      isWriting = writing
    }
  }

  struct World: Sendable {
    var volumes: [String: VolumeFacts] = [:]
    var boxes: [Box] = []
    /// What all volumes take; nil where the engine does not tell.
    var volumeBytes: Int?
    var missing: Set<String> = []
    /// The images that go to files and come back.
    var store = FakeImages.Content()
    /// The content of the file with the data's version, by volume.
    var formats: [String: String] = [:]
    /// The statuses of the services, a different one for each query; the last one stays.
    var looks: [[ServiceStatus]] = []
    /// How the services differ from the files.
    var deviations: [ServiceDeviation] = []
    /// The containers of the running services.
    var running: [ServiceName: String] = [:]
    /// The containers that steps of initialisation have started and nothing has ended.
    var started: [ServiceName: String] = [:]
    /// What programs do, by their first word; a program that is not here is unexpected.
    var answers: [String: Answer] = [:]
    /// What was run.
    var programs: [Program] = []
    /// What programs were given to read, by their first word.
    var received: [String: String] = [:]
    /// What a step does; nothing for one that is not here.
    var scripts: [StepID: @Sendable (_ say: @Sendable (String) -> Void) async throws -> Void] = [:]
    /// What a registry does with an image; it has those that are not here.
    var registry: [String: @Sendable (_ watch: @Sendable (FetchProgress) -> Void) async throws -> Void] = [:]
    var log: [String] = []
    /// Everything that was asked of the engine, in order.
    var calls: [String] = []
    /// What goes wrong, and with which call, counted from 1.
    var trouble: (kind: Trouble, call: Int)?
    /// Cancels the task that the trouble is for.
    var cancel: (@Sendable () -> Void)?
  }

  /// What a program does.
  struct Answer: Sendable {
    var outcome = ProgramOutcome(status: 0)
    /// What it writes, where that is passed on piece by piece.
    var bytes: [UInt8] = []
  }

  /// What goes wrong with a call.
  enum Trouble: Sendable, CaseIterable {
    /// The engine does not answer.
    case failure
    /// The task is cancelled, and the call with it.
    case cancellation
    /// The task is cancelled, and the call ends well all the same.
    case lateCancellation
  }

  /// Engines that work in several projects are one.
  private final class Shared: Sendable {
    let world = Mutex(World())
  }

  private let shared: Shared
  private let projectName: String

  convenience init(project: String = "box") { self.init(Shared(), project: project) }

  private init(_ shared: Shared, project: String) {
    self.shared = shared
    projectName = project
  }

  /// What there is now.
  var world: World { shared.world.withLock { $0 } }

  func change(_ body: (inout World) -> Void) { shared.world.withLock { body(&$0) } }

  /// What was done, in order.
  var log: [String] { world.log }

  func note(_ event: String) { change { $0.log.append(event) } }

  /// Every call begins here, where it may go wrong.
  func call(_ name: String) throws {
    try Task.checkCancellation()
    var trouble: Trouble?
    change { world in
      world.calls.append(name)
      if let planned = world.trouble, planned.call == world.calls.count { trouble = planned.kind }
    }
    switch trouble {
    case nil: break
    case .failure: throw DioptraError(.engineFailed, "no answer to: \(name)", remedy: "Start the engine")
    case .cancellation:
      world.cancel?()
      throw CancellationError()
    case .lateCancellation: world.cancel?()
    }
  }

  /// Waits until something has been done.
  ///
  /// - Throws: `ExecutionFailure` where it is not within a time that no load takes.
  func wait(for event: String) async throws {
    let end = ContinuousClock.now + .seconds(300)
    while !log.contains(event) {
      guard ContinuousClock.now < end else { throw ExecutionFailure(cause: "there was no \(event)") }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  struct Unexpected: Error {}

  private func unexpected(_ call: String) -> Unexpected {
    Issue.record("the engine is asked for \(call), which nothing here may do")
    return Unexpected()
  }

  // MARK: Projects

  func project() async throws -> String {
    try call("project")
    return projectName
  }

  func working(in project: String) -> any Engine { FakeEngine(shared, project: project) }

  func serving(_ deployment: Deployment) -> any Engine { self }

  func executor(for deployment: Deployment) -> any StepExecutor {
    PreparedSteps(FakeExecutor(fake: self, deployment: deployment))
  }

  func services(of deployment: Deployment, hiding secrets: SecretValues) -> any RunningServices {
    FakeServices(fake: self, deployment: deployment, project: projectName)
  }

  // MARK: What there is

  func volumes(_ names: [String]) async throws -> [String: VolumeFacts] {
    try call("volumes \(names.sorted().joined(separator: " "))")
    return world.volumes.filter { names.contains($0.key) }
  }

  func missing(_ images: [String]) async throws -> [String] {
    try call("missing images")
    return images.filter(world.missing.contains)
  }

  func fetch(_ image: String, watch: @escaping @Sendable (FetchProgress) -> Void) async throws {
    do {
      try call("fetch \(image)")
    } catch let error as DioptraError {
      throw FetchFailure.refused(error.problem)
    }
    note("begin fetch \(image)")
    try await world.registry[image]?(watch)
    change { $0.missing.remove(image) }
    note("end fetch \(image)")
  }

  func containers(_ selection: ContainerSelection, running: Bool) async throws -> [ContainerFacts] {
    try call("containers")
    return world.boxes.filter { box in
      guard !running || box.facts.isRunning else { return false }
      return switch selection {
      case .onVolumes(let volumes): !Set(box.volumes).isDisjoint(with: volumes)
      case .ofProject(let name): box.facts.project == name
      case .ofServices: box.facts.project != nil
      }
    }.map(\.facts)
  }

  func writes(_ container: String, to volumes: [String]) async throws -> Bool {
    try call("writes \(container)")
    return world.boxes.contains { $0.facts.id == container && $0.isWriting }
  }

  /// Without an answer only the file with the data's version is ever read.
  func run(_ program: Program, within seconds: Int?) async throws -> ProgramOutcome {
    if let answer = world.answers[program.arguments[0]] {
      try begin(program)
      return answer.outcome
    }
    guard case .alone(let sandbox) = program.place, program.arguments.first == "cat", let mount = sandbox.mounts.first,
      mount.isReadOnly
    else { throw unexpected("\(program)") }
    try call("look into \(mount.volume)")
    note("look into \(mount.volume)")
    let format = world.formats[mount.volume]
    return ProgramOutcome(status: format == nil ? 1 : 0, output: format.map { "\($0)\n" } ?? "")
  }

  private func begin(_ program: Program) throws {
    try call(program.shown)
    note(program.shown)
    change { $0.programs.append(program) }
  }

  /// The program writes the first half of its bytes before anything can go wrong.
  func run(_ program: Program, writing eachPiece: ([UInt8]) throws -> Void) async throws -> ProgramOutcome {
    guard let answer = world.answers[program.arguments[0]] else { throw unexpected("\(program)") }
    let half = answer.bytes.count / 2
    try eachPiece(Array(answer.bytes[..<half]))
    try begin(program)
    try eachPiece(Array(answer.bytes[half...]))
    return answer.outcome
  }

  /// The program reads a piece before anything can go wrong.
  func run(_ program: Program, reading nextPiece: () throws -> [UInt8]?) async throws -> ProgramOutcome {
    guard let answer = world.answers[program.arguments[0]] else { throw unexpected("\(program)") }
    var read = try nextPiece() ?? []
    try begin(program)
    while let piece = try nextPiece() { read += piece }
    change { $0.received[program.arguments[0]] = String(decoding: read, as: UTF8.self) }
    return answer.outcome
  }

  func volumeBytes(of deployment: Deployment) async throws -> Int? {
    try call("size of the volumes")
    return world.volumeBytes
  }

  func command(_ action: ManualAction) -> [String] { ["fake", "\(action)"] }

  // MARK: What nothing here does

  func makeVolume(_ volume: VolumeName, of deployment: Deployment, in project: String) async throws {
    throw unexpected("a volume")
  }
  func removeVolumes(_ names: [String]) async throws { throw unexpected("the end of \(names)") }
  func networks() async throws -> Set<String> { throw unexpected("networks") }
  func removeNetwork(_ name: String) async throws { throw unexpected("the end of \(name)") }
  func canFetch(_ image: String) async throws -> Bool { throw unexpected("the registry of \(image)") }
  func lastingName(of image: String, in container: String?) async throws -> String? {
    throw unexpected("another name of \(image)")
  }
}

extension Program {
  /// Its first word and what it works on.
  fileprivate var shown: String {
    switch place {
    case .container(let name): "\(arguments[0]) in \(name)"
    case .alone(let sandbox):
      "\(arguments[0]) on "
        + sandbox.mounts.map { "\($0.volume)\($0.isReadOnly ? " (read)" : "")" }.joined(separator: ", ")
    }
  }
}
