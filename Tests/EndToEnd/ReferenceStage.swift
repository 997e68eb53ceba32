import Foundation
import TestSupport
import Testing

/// A deployment in the form of the reference template, really running: what `adopt` takes over.
///
/// It has its own prefix, next to the deployment shared by the other tests, which is stopped meanwhile.
struct ReferenceStage {
  let folder: String
  /// What `dioptra` needs to know such folders.
  let environment: [String: String]
  let slug: String
  private let form: ReferenceForm
  private let fingerprints: String

  /// - Parameters:
  ///   - release: The release of the template.
  ///   - place: The folder that the deployment's folder is made in.
  init(
    _ release: String = "1.1.0", slug: String = "reference-lab", values: [String: String] = [:], in place: String
  ) throws {
    folder = "\(place)/\(slug)"
    fingerprints = "\(place)/fingerprints.json"
    self.slug = slug
    form = try ReferenceForm(
      release, values: values.merging(["deployment_name": slug]) { $1 }, folder: folder, isRunnable: true)
    environment = Self.engine.merging(["DIOPTRA_REFERENCE_FINGERPRINTS": fingerprints]) { $1 }
  }

  /// The test bed's engine, with no proxy in the settings of Docker's client.
  private static let engine = Engine.environment.merging(["DOCKER_CONFIG": ClientSettings.plain]) { $1 }

  // MARK: Beginning and end

  /// Makes the folder and initialises it as people do without the program.
  func initialize() async throws {
    try await clear()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try form.write(to: folder)
    try Data(try ReferenceForm.fingerprints(isRunnable: true).utf8).write(to: URL(filePath: fingerprints))
    let run = try await Tool.run(
      "\(folder)/init-deployment.sh", environment: Self.engine.merging(["DIOPTRA_STANDALONE": "1"]) { $1 },
      in: folder)
    try #require(run.succeeded, "\(run.output.suffix(2000)) \(run.errors.suffix(2000))")
  }

  /// The same, and every service is healthy.
  func bringUp() async throws {
    try await initialize()
    try await docker("compose", "up", "--detach", "--wait", "--wait-timeout", "300")
    // A rule of the user's, by which the superuser's password can be tried.
    try await docker(
      "compose", "exec", "-T", "--user", "postgres", "\(slug)-db", "bash", "-c",
      "echo 'host all postgres all scram-sha-256' >>/var/lib/postgresql/data/pg_hba.conf"
        + " && psql -U postgres -qAtc 'SELECT pg_reload_conf()'")
  }

  /// Nothing of it is left on the engine or the disk.
  func clear() async throws {
    let containers = try await containers()
    if !containers.isEmpty { try await docker(["rm", "--force", "--volumes"] + containers) }
    let volumes = try await volumes().keys.sorted()
    if !volumes.isEmpty { try await docker(["volume", "rm"] + volumes) }
    _ = try await Tool.run("docker", ["network", "rm", "\(slug)_dioptra"], environment: Self.engine)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Images that a user built, as deployments of release 1.0 have them.
  func tagImagesOfOnesOwn() async throws {
    for image in ["nginx", "mlflow-tracking", "restapi", "tensorflow2-cpu", "pytorch-cpu"] {
      try await docker("tag", "ghcr.io/usnistgov/dioptra/\(image):1.1.0", "dioptra/\(image):dev")
    }
  }

  // MARK: What tests do

  /// Runs the program in the folder, with the fingerprints of such folders.
  func dioptra(_ arguments: String...) async throws -> Tool.Outcome {
    try await Tool.run(Tool.dioptra, arguments, environment: environment, in: folder)
  }

  @discardableResult
  func docker(_ arguments: String...) async throws -> String { try await docker(arguments) }

  @discardableResult
  func docker(_ arguments: [String]) async throws -> String {
    let place = FileManager.default.fileExists(atPath: folder) ? folder : "/"
    let outcome = try await Tool.run("docker", arguments, environment: Self.engine, in: place)
    try #require(outcome.succeeded, "docker \(arguments): \(outcome.errors)")
    return outcome.output
  }

  /// Runs a program in a container of the running deployment.
  func execute(_ service: String, _ command: String..., input: String = "") async throws -> Tool.Outcome {
    try await Tool.run(
      "docker", ["compose", "exec", "-T", "\(slug)-\(service)"] + command, input: input,
      environment: Self.engine, in: folder)
  }

  /// Logs in to PostgreSQL over the network with a password.
  func logsIn(as user: String, password: String) async throws -> Bool {
    let outcome = try await Tool.run(
      "docker",
      [
        "compose", "exec", "-T", "--env", "PGPASSWORD=\(password)", "\(slug)-db", "psql", "-h", "\(slug)-db", "-U",
        user,
        "-d", "restapi", "-Atc", "SELECT 1",
      ], environment: Self.engine, in: folder)
    return outcome.output == "1\n"
  }

  /// The content of a stopped deployment's object store, as reported by its own client.
  func objectStore() async throws -> String {
    try await docker("compose", "up", "--detach", "--wait", "\(slug)-minio")
    let listed = try await docker(
      "compose", "-f", "docker-compose.init.yml", "run", "--rm", "--no-deps", "-T", "mc", "/scripts/init-minio.sh",
      "--list")
    try await docker("compose", "down")
    return listed
  }

  /// The labels of the deployment's volumes, by name.
  func volumes() async throws -> [String: String] {
    let lines = try await docker(
      "volume", "ls", "--filter", "name=^\(slug)_", "--format", "{{.Name}} {{.Labels}}"
    ).split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
    func labels(_ text: String) -> String { text.split(separator: ",").sorted().joined(separator: ",") }
    return Dictionary(lines.map { ($0[0], $0.count > 1 ? labels($0[1]) : "") }) { $1 }
  }

  /// The deployment's containers, of whatever kind.
  func containers() async throws -> [String] {
    try await docker("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=\(slug)")
      .split(separator: "\n").map(String.init)
  }
}
