import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Running {
    private let stage = Stage.shared

    @Test func everyServiceBecomesHealthy() async throws {
      try await stage.up()
      let outcome = try await stage.dioptra("ps", "--json")
      let services =
        try JSONDecoder().decode([String: [Service]].self, from: Data(outcome.output.utf8))["services"] ?? []
      #expect(services.count == 9)
      for service in services {
        #expect(service.state == "running" && service.health == "healthy", "\(service.service)")
      }
    }

    struct Service: Decodable {
      let service: String
      let state: String
      let health: String
    }

    @Test(arguments: [
      ("http://localhost/health", 200, "\"healthy\""), ("http://localhost/", 200, "<html"),
      ("http://localhost/some/page/of/the/front/end", 200, "<html"),
      ("http://localhost/api/v1/users/current", 401, "{"),
      ("http://localhost/swagger.json", 200, "/api/v1"), ("http://localhost:35000/", 200, "mlflow"),
      ("http://localhost:35050/login", 200, "pgadmin"), ("http://localhost:39000/minio/health/live", 200, "\n"),
    ])
    func thePublishedPortsAnswer(url: String, status: Int, words: String) async throws {
      try await stage.up()
      let answer = try await Tool.run("curl", ["-sS", "-o", "-", "-w", "\n%{http_code}", url])
      #expect(answer.output.hasSuffix("\n\(status)"), "\(url): \(answer.output.suffix(300)) \(answer.errors)")
      #expect(answer.output.lowercased().contains(words))
    }

    @Test func theDatabaseIsReachedThroughItsPublishedPort() async throws {
      try await stage.up()
      let password = try await stage.setting("POSTGRES_USER_DIOPTRA_PASSWORD")
      for database in ["restapi", "mlflow-tracking"] {
        let answer = try await Tool.run(
          "psql",
          [
            "-h", "127.0.0.1", "-p", "35432", "-U", "dioptra", "-d", database, "-Atc",
            "select count(*) > 20 from information_schema.tables where table_schema = 'public'",
          ],
          environment: ["PGPASSWORD": password])
        #expect(answer.output == "t\n", "\(database): \(answer.errors)")
      }
      let wrong = try await Tool.run(
        "psql", ["-h", "127.0.0.1", "-p", "35432", "-U", "dioptra", "-d", "restapi", "-c", "select 1"],
        environment: ["PGPASSWORD": "wrong"])
      #expect(!wrong.succeeded)
    }

    @Test func aWorkerLogsInAndKeepsAnArtifactInTheObjectStore() async throws {
      try await stage.up()
      let login = """
        import json, os, urllib.request
        body = json.dumps({"username": os.environ["DIOPTRA_WORKER_USERNAME"],
                           "password": os.environ["DIOPTRA_WORKER_PASSWORD"]}).encode()
        request = urllib.request.Request(os.environ["DIOPTRA_API"] + "/api/v1/auth/login", body,
                                         {"Content-Type": "application/json"})
        print(urllib.request.urlopen(request).status)
        """
      let answer = try await stage.execute("tfcpu-01", "python", "-", input: login)
      #expect(answer.output == "200\n", "\(answer.errors)")
      let artifact = try await stage.execute("tfcpu-01", "python", "-", input: Self.artifact)
      #expect(artifact.output.contains("artifacts: ['note.txt']"), "\(artifact.output) \(artifact.errors)")
    }

    /// An experiment with a run that stores a file and lists it.
    static let artifact = """
      import mlflow
      mlflow.set_experiment("end to end")
      with mlflow.start_run() as run:
          mlflow.log_text("kept", "note.txt")
      client = mlflow.MlflowClient()
      print(run.info.artifact_uri)
      print("artifacts:", [item.path for item in client.list_artifacts(run.info.run_id)])
      """

    @Test func logsAreShownWithoutSecrets() async throws {
      try await stage.up()
      let logs = try await stage.dioptra("logs", "--tail", "all")
      #expect(logs.output.split(separator: "\n").count > 20)
      for name in ["POSTGRES_USER_DIOPTRA_PASSWORD", "MINIO_ROOT_PASSWORD", "DIOPTRA_WORKER_PASSWORD"] {
        #expect(!logs.output.contains(try await stage.setting(name)), "\(name)")
      }
      #expect(try await stage.dioptra("logs", "ngnix", status: 1).errors.contains("Perhaps nginx is meant"))
    }

    @Test func aServiceIsRecreatedByItsShortName() async throws {
      try await stage.up()
      let before = try await stage.docker("compose", "ps", "--quiet", "dioptra-deployment-redis")
      try await stage.dioptra("restart", "redis")
      let after = try await stage.docker("compose", "ps", "--quiet", "dioptra-deployment-redis")
      #expect(before != after && !after.isEmpty)
    }

    @Test func whatDiffersOnTheEngineIsFoundAndNothingIsChangedByLooking() async throws {
      try await stage.up()
      #expect(try await engineFindings() == [])
      let volumes = try await stage.docker("volume", "ls", "--quiet")
      try await stage.docker("tag", "redis:7.2.6", "redis:other")
      let override = "\(stage.folder)/docker-compose.override.yml"
      let services = "services:\n  dioptra-deployment-redis:\n    image: redis:other\n"
      try Data(services.utf8).write(to: URL(filePath: override))
      try await stage.dioptra("restart", "redis")
      try FileManager.default.removeItem(atPath: override)
      let file = "/etc/nginx/conf.d/http_proxy.conf"
      _ = try await stage.execute("nginx", "rm", file)
      let rename = { (old: String, new: String) in
        try await stage.execute("db", "psql", "-U", "postgres", "-c", "ALTER ROLE \(old) RENAME TO \(new)").succeeded
      }
      #expect(try await rename("dioptra", "nobody"))
      let found = try await engineFindings()
      #expect(
        found.isSuperset(of: [
          "service redis", "volume dioptra-deployment_nginx-conf-d: http_proxy.conf", "role dioptra",
        ]), "\(found)")
      #expect(try await rename("nobody", "dioptra"))
      let text = try String(contentsOfFile: "\(stage.folder)/config/nginx/http_proxy.conf", encoding: .utf8)
      _ = try await stage.execute("nginx", "sh", "-c", "cat >\(file)", input: text)
      try await stage.dioptra("restart", "redis")
      #expect(try await engineFindings() == [])
      #expect(try await stage.docker("volume", "ls", "--quiet") == volumes)
    }

    /// What `drift --engine` says of the engine.
    private func engineFindings() async throws -> Set<String> {
      struct Report: Decodable {
        struct Finding: Decodable {
          let path: String
          let kind: String
        }
        let findings: [Finding]
      }
      let outcome = try await stage.dioptra("drift", "--engine", "--json", status: nil)
      let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
      #expect(outcome.status == (report.findings.isEmpty ? 0 : 2), "\(outcome.errors)")
      return Set(report.findings.filter { $0.kind == "engine" }.map(\.path))
    }

    @Test func initIsRefusedWhileTheDeploymentRuns() async throws {
      try await stage.up()
      try await stage.dioptra("config", "set", "nginx_send_timeout=61s")
      let outcome = try await stage.dioptra("init", status: 1)
      #expect(outcome.errors.contains("runs on the deployment's volumes"))
      #expect(outcome.errors.contains("`dioptra stop`"))
      #expect(try await stage.leftovers() == [])
      #expect(try await stage.dioptra("start").errors.contains("1 step is due"))
      try await stage.stopped()
      let run = try await ProgramRun.dioptra(["init"], in: stage.folder)
      #expect(run.started == ["volumes.prepare"], "\(run.errors)")
    }
  }
}
