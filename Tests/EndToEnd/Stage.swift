import Foundation
import TestSupport
import Testing

/// The deployment that all tests share.
actor Stage {
  static let shared = Stage()

  /// The parent of the deployment's folder; the caller of the tests removes it.
  let place: String
  /// The deployment's folder.
  let folder: String
  /// The first initialisation, which every test needs and one of them judges.
  private var first: ProgramRun?
  private var isUp = false

  init() {
    place = ProcessInfo.processInfo.environment["DIOPTRA_TEST_FOLDER"] ?? NSTemporaryDirectory() + "dioptra-end-to-end"
    folder = "\(place)/lab"
  }

  // MARK: Where tests begin

  /// The deployment exists and was initialised.
  @discardableResult
  func initialized() async throws -> ProgramRun {
    if let first { return first }
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try await clear()
    let run = try await ProgramRun.dioptra(["init", "lab", "--no-input"], in: place)
    try #require(run.status == 0, "\(run.errors) \(run.output)")
    first = run
    return run
  }

  /// All services are healthy.
  func up() async throws {
    try await initialized()
    guard !isUp else { return }
    let start = ContinuousClock.now
    try await dioptra("start", "--wait", "--timeout", "600")
    figure("start until every service is healthy", (ContinuousClock.now - start).text)
    isUp = true
  }

  /// Initialised, and no container is there.
  func stopped() async throws {
    try await initialized()
    guard isUp else { return }
    try await dioptra("stop")
    isUp = false
  }

  /// Nothing of an earlier run is left on the engine.
  private func clear() async throws {
    try? FileManager.default.removeItem(atPath: folder)
    let ours = "volume=dioptra-deployment_nginx-conf-d"
    for filter in ["label=org.dioptrakit.deployment", "label=com.docker.compose.project=lab", ours] {
      let containers = try await docker("ps", "--all", "--quiet", "--filter", filter).split(separator: "\n")
      if !containers.isEmpty { try await docker(["rm", "--force", "--volumes"] + containers.map(String.init)) }
    }
    try await removeVolumes(of: "dioptra-deployment")
  }

  /// The documented wipe: everything that the deployment keeps on the engine is gone.
  func wipe() async throws {
    try await initialized()
    try await docker("compose", "down", "--volumes", "--remove-orphans")
    isUp = false
  }

  func removeVolumes(of slug: String) async throws {
    let volumes = try await docker("volume", "ls", "--quiet", "--filter", "name=^\(slug)_").split(separator: "\n")
    if !volumes.isEmpty { try await docker(["volume", "rm"] + volumes.map(String.init)) }
  }

  // MARK: What tests do

  /// Runs the program in the deployment's folder.
  @discardableResult
  func dioptra(
    _ arguments: String..., status: Int32? = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Tool.Outcome {
    let outcome = try await Tool.run(Tool.dioptra, arguments, environment: Engine.environment, in: folder)
    if let status {
      try #require(
        outcome.status == status, "dioptra \(arguments): \(outcome.output)\(outcome.errors)",
        sourceLocation: sourceLocation)
    }
    return outcome
  }

  @discardableResult
  func docker(_ arguments: String...) async throws -> String {
    try await docker(arguments)
  }

  @discardableResult
  func docker(_ arguments: [String]) async throws -> String {
    let place = FileManager.default.fileExists(atPath: folder) ? folder : place
    let outcome = try await Tool.run("docker", arguments, environment: Engine.environment, in: place)
    try #require(outcome.succeeded, "docker \(arguments): \(outcome.errors)")
    return outcome.output
  }

  /// Runs a command in a container of the running deployment.
  func execute(_ service: String, _ command: String..., input: String = "") async throws -> Tool.Outcome {
    try await Tool.run(
      "docker", ["compose", "exec", "-T", "dioptra-deployment-\(service)"] + command, input: input,
      environment: Engine.environment, in: folder)
  }

  /// The deployment's name for itself.
  func identity() async throws -> String {
    let query = "SELECT value FROM deployment WHERE name = 'id'"
    return try await Tool.run("sqlite3", ["\(folder)/.dioptra/state.db", query]).output
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The names of containers of initialisation that are there, running or not.
  func leftovers() async throws -> [String] {
    let label = "label=org.dioptrakit.deployment=\(try await identity())"
    return try await docker("ps", "--all", "--filter", label, "--format", "{{.Names}}: {{.Status}}")
      .split(separator: "\n").map(String.init)
  }

  /// The value of a line of `.env`.
  func setting(_ name: String) throws -> String {
    let text = try String(contentsOfFile: "\(folder)/.env", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name)=") }
    return String(try #require(line).dropFirst(name.count + 1))
  }

  /// The files that hold secrets, as they are.
  func secretFiles() throws -> [String: Data] {
    let names = [".env", "secrets/postgres-passwd.env", "secrets/dioptra-deployment-minio-accounts.env"]
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) })
  }
}
