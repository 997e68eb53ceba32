import Foundation
import TestSupport
import Testing

/// A deployment in the form of the reference template's release 1.1.0, really running: what `adopt` takes over.
///
/// It has a prefix of its own, and stands beside the deployment that the other tests share while that one is stopped.
struct ReferenceStage {
  let form: ReferenceForm
  let folder: String
  private let figures: String
  static let slug = "reference-lab"

  /// - Parameter place: The folder that the deployment's folder is made in.
  init(in place: String) throws {
    folder = "\(place)/\(Self.slug)"
    figures = "\(place)/figures.json"
    form = try ReferenceForm(
      "1.1.0",
      values: ["deployment_name": "Reference lab"], folder: folder, isRunnable: true)
  }

  /// Makes the folder, initialises it as people do without the program, and starts it.
  func bringUp() async throws {
    try await clear()
    try form.write(to: folder)
    try Data(try ReferenceForm.figures(isRunnable: true).utf8).write(to: URL(filePath: figures))
    let run = try await Tool.run(
      "\(folder)/init-deployment.sh", environment: Engine.environment.merging(["DIOPTRA_STANDALONE": "1"]) { $1 },
      in: folder)
    try #require(run.succeeded, "\(run.output.suffix(2000)) \(run.errors.suffix(2000))")
    try await docker("compose", "up", "--detach", "--wait", "--wait-timeout", "300")
    // A rule of the user's, by which the superuser's password can be tried.
    try await docker(
      "compose", "exec", "-T", "--user", "postgres", "\(Self.slug)-db", "bash", "-c",
      "echo 'host all postgres all scram-sha-256' >>/var/lib/postgresql/data/pg_hba.conf"
        + " && psql -U postgres -qAtc 'SELECT pg_reload_conf()'")
  }

  /// Nothing of it is left on the engine or the disk.
  func clear() async throws {
    let containers = try await docker(
      "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=\(Self.slug)"
    )
    .split(separator: "\n").map(String.init)
    if !containers.isEmpty { try await docker(["rm", "--force", "--volumes"] + containers) }
    let volumes = try await docker("volume", "ls", "--quiet", "--filter", "name=^\(Self.slug)_")
      .split(separator: "\n").map(String.init)
    if !volumes.isEmpty { try await docker(["volume", "rm"] + volumes) }
    _ = try await Tool.run(
      "docker", ["network", "rm", "\(Self.slug)_dioptra"], environment: Engine.environment)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Runs the program in the folder, with the figures of such folders.
  func dioptra(_ arguments: String...) async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, arguments, environment: Engine.environment.merging(["DIOPTRA_REFERENCE_FIGURES": figures]) { $1 },
      in: folder)
  }

  @discardableResult
  func docker(_ arguments: String...) async throws -> String { try await docker(arguments) }

  @discardableResult
  func docker(_ arguments: [String]) async throws -> String {
    let place = FileManager.default.fileExists(atPath: folder) ? folder : "/"
    let outcome = try await Tool.run("docker", arguments, environment: Engine.environment, in: place)
    try #require(outcome.succeeded, "docker \(arguments): \(outcome.errors)")
    return outcome.output
  }

  /// Logs in to PostgreSQL over the network with a password.
  func logsIn(as user: String, password: String) async throws -> Bool {
    let outcome = try await Tool.run(
      "docker",
      [
        "compose", "exec", "-T", "--env", "PGPASSWORD=\(password)", "\(Self.slug)-db", "psql", "-h", "\(Self.slug)-db",
        "-U", user,
        "-d", "postgres", "-Atc", "SELECT 1",
      ], environment: Engine.environment, in: folder)
    return outcome.output == "1\n"
  }
}
