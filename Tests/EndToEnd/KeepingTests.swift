import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What people make in the deployment, and what becomes of it.
  @Suite struct Keeping {
    private let stage = Stage.shared

    @Test func whatUsersMakeIsThereAfterTheDeploymentIsStoppedInitialisedWithTLSAndStarted() async throws {
      try await stage.up()
      let person = try API(scratch: Scratch(), base: "http://localhost")
      try await person.register("ada")
      #expect(try await person.logIn("ada") == "200")
      #expect(try await person.post("queues/", #"{"name": "tensorflow-cpu", "description": "", "group": 1}"#) == "200")
      _ = try await stage.execute("tfcpu-01", "python", "-", input: Running.artifact)
      try await stage.stopped()
      #expect(try await ProgramRun.dioptra(["init"], in: stage.folder).started == [])

      let authority = try await TestAuthority(for: stage)
      try await stage.dioptra(
        "config", "set", "enable_nginx_ssl=true", "enable_postgres_ssl=true", "nginx_server_name=localhost")
      try await stage.dioptra("init")
      try await stage.up()
      try await expectTLS(authority)
      let again = try API(scratch: Scratch(), base: "https://localhost", options: ["--cacert", authority.file])
      #expect(try await again.logIn("ada") == "200")
      #expect(try await again.get("queues/").contains("\"tensorflow-cpu\""))
      let listed = try await stage.execute("pytorchcpu-01", "python", "-", input: Self.listing)
      #expect(listed.output.contains("note.txt"), "\(listed.errors)")

      try await stage.stopped()
      try await stage.dioptra("config", "set", "enable_nginx_ssl=false", "enable_postgres_ssl=false")
      try await stage.dioptra("init")
    }

    private func expectTLS(_ authority: TestAuthority) async throws {
      let trusted = ["-sS", "--cacert", authority.file, "-o", "/dev/null", "-w", "%{http_code}"]
      #expect(try await Tool.run("curl", trusted + ["https://localhost/health"]).output == "200")
      #expect(try await Tool.run("curl", trusted + ["http://localhost/health"]).output == "301")
      #expect(try await Tool.run("curl", trusted + ["https://localhost:35000/"]).output == "200")
      let password = try await stage.setting("POSTGRES_USER_DIOPTRA_PASSWORD")
      func query(_ mode: String) async throws -> Tool.Outcome {
        let address =
          "host=localhost port=35432 user=dioptra dbname=restapi sslmode=\(mode) sslrootcert=\(authority.file)"
        return try await Tool.run("psql", [address, "-Atc", "select 1"], environment: ["PGPASSWORD": password])
      }
      #expect(try await query("verify-full").output == "1\n")
      #expect(try await !query("disable").succeeded)
    }

    static let listing = """
      import mlflow
      client = mlflow.MlflowClient()
      experiment = client.get_experiment_by_name("end to end")
      for run in client.search_runs([experiment.experiment_id]):
          print([item.path for item in client.list_artifacts(run.info.run_id)])
      """

    @Test func afterTheVolumesAreWipedInitBringsItBackWithTheSameSecrets() async throws {
      try await stage.stopped()
      let secrets = try await stage.secretFiles()
      try await stage.wipe()
      let run = try await ProgramRun.dioptra(["init"], in: stage.folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.started.contains("postgres.start") && run.started.contains("frontend.build"))
      #expect(try await stage.secretFiles() == secrets)
      try await stage.up()
      #expect(try await API(scratch: Scratch(), base: "http://localhost").logIn("ada") != "200")
    }
  }
}

/// The REST API as a user's script calls it.
struct API {
  let scratch: Scratch
  let base: String
  var options: [String] = []

  func register(_ name: String) async throws {
    let body = """
      {"username": "\(name)", "email": "\(name)@example.org", "password": "a long Password 1", \
      "confirmPassword": "a long Password 1"}
      """
    _ = try await post("users/", body)
  }

  /// The status of a login, whose session is kept.
  func logIn(_ name: String) async throws -> String {
    try await post("auth/login", #"{"username": "\#(name)", "password": "a long Password 1"}"#)
  }

  func post(_ path: String, _ body: String) async throws -> String {
    try await curl(path, ["-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/json", "-d", body])
  }

  func get(_ path: String) async throws -> String {
    try await curl(path, [])
  }

  private func curl(_ path: String, _ words: [String]) async throws -> String {
    let jar = scratch.file("cookies")
    return try await Tool.run("curl", ["-sS", "-b", jar, "-c", jar] + options + words + ["\(base)/api/v1/\(path)"])
      .output
  }
}
