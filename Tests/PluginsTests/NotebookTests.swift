import DioptraKitCore
import Foundation
import Plugins
import TestSupport
import Testing

/// A foreign component gets a database, a bucket and a page, and the real programs accept the result.
struct NotebookTests {
  private static let components = ReferenceDeployment.components + [NotebookComponent()]

  @Test func itKeepsTheRules() throws {
    #expect(try ComponentConformance.faults(of: NotebookComponent(), among: Self.components) == [])
  }

  @Test(.needsCompose) func composeAcceptsTheFiles() async throws {
    let folder = try RenderedFolder(components: Self.components)
    for file in ["docker-compose.yml", "docker-compose.init.yml"] {
      #expect(try await Compose.run(["config", "-q"], files: [file], in: folder.path) == "")
    }
    let service = try await Compose.project(["docker-compose.yml"], in: folder.path).services[
      "dioptra-deployment-notebook"]
    #expect(service?.environment?["AWS_ACCESS_KEY_ID"] == "notebook")
    #expect(service?.environment?["AWS_SECRET_ACCESS_KEY"] == "<notebook_store_password>")
    #expect(
      service?.environment?["NOTEBOOK_DATABASE_URI"]
        == "postgresql://notebook:%3Cnotebook_database_password%3E@dioptra-deployment-db:5432/notebook")
  }

  @Test(.needs("nginx"), .needs("openssl"), arguments: NginxMode.allCases)
  func nginxAcceptsThePage(mode: NginxMode) async throws {
    let folder = try await NginxFolder(mode, components: Self.components)
    #expect(
      try folder.files["\(mode)_notebook.conf"]?.contains("set $back_end dioptra-deployment-notebook:8000;") == true)
    let outcome = try await folder.check()
    #expect(outcome.succeeded, "\(outcome.errors)")
  }

  @Test(.needs("shellcheck")) func bashAndShellCheckAcceptTheScripts() async throws {
    let folder = try RenderedFolder(components: Self.components)
    let scripts = try folder.scratch.files().keys.filter { $0.hasSuffix(".sh") }.sorted()
    #expect(scripts.contains("scripts/init-databases.sh"))
    for script in scripts {
      let outcome = try await Tool.run("/bin/bash", ["-n", folder.scratch.file(script)])
      #expect(outcome.succeeded, "\(script): \(outcome.errors)")
    }
    let outcome = try await Tool.run("shellcheck", ["--format=gcc"] + scripts, in: folder.path)
    #expect(outcome.succeeded, "\(outcome.output)\(outcome.errors)")
  }

  @Test func theObjectStoreGetsItsBucketAndItsAccount() throws {
    let folder = try RenderedFolder(components: Self.components)
    let script = try folder.scratch.read("scripts/init-minio.sh")
    #expect(script.contains("change \"create the bucket notebook\" mb --ignore-existing minio/notebook\n"))
    #expect(script.contains("readonly accounts=(MLFLOW_TRACKING RESTAPI WORKER NOTEBOOK)\n"))
    #expect(
      try folder.scratch.read("secrets/dioptra-deployment-minio-accounts.env").hasSuffix(
        """
        MINIO_NOTEBOOK_USER=notebook
        MINIO_NOTEBOOK_PASSWORD=<notebook_store_password>
        MINIO_NOTEBOOK_POLICIES=notebook-readwrite

        """))
    let policy = try JSONSerialization.jsonObject(
      with: Data(folder.scratch.read("config/minio/notebook-readwrite-policy.json").utf8))
    let statements = (policy as? [String: Any])?["Statement"] as? [[String: Any]]
    #expect(
      statements?.compactMap { $0["Resource"] as? [String] } == [
        ["arn:aws:s3:::notebook/*"], ["arn:aws:s3:::notebook"],
      ])
    #expect(statements?[1]["Condition"] == nil)
  }

  /// A server whose data are older than the component gets the database too, and nothing happens the second time.
  @Test(.enabled(if: Tool.isStrict || Cluster.programs != nil, "PostgreSQL's server is not installed"))
  func aServerThatIsThereGetsTheDatabase() async throws {
    let folder = try RenderedFolder(components: Self.components)
    let cluster = try await Cluster()
    #expect(try await cluster.initialize(folder).succeeded)
    for password in ["first-password", "second-password"] {
      let outcome = try await folder.run(
        "scripts/init-databases.sh",
        environment: cluster.environment.merging(["POSTGRES_USER_NOTEBOOK_PASSWORD": password]) { $1 })
      #expect(outcome.succeeded, "\(outcome.errors)")
    }
    #expect(
      try await cluster.query(
        """
        SELECT datname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS who,
          string_agg(privilege_type, ',' ORDER BY privilege_type)
        FROM pg_database, aclexplode(datacl) WHERE datname = 'notebook' GROUP BY datname, who ORDER BY who
        """) == """
          notebook|notebook|CONNECT,CREATE,TEMPORARY
          notebook|postgres|CONNECT,CREATE,TEMPORARY
          """)
    #expect(
      try await cluster.query("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'notebook'") == "t|f")
    #expect(
      try await cluster.query("SELECT datname FROM pg_database WHERE datname = 'restapi'") == "restapi")
  }

  @Test func backupsHoldTheDatabase() throws {
    let data = try RenderedFolder.deployment(components: Self.components).blueprint.backupData
    #expect(data.map(\.member).contains("dumps/notebook.dump"))
  }
}

/// Each component does with nothing but what it says that it requires.
struct RequirementTests {
  @Test(arguments: ReferenceDeployment.components.map(\.id))
  func aComponentNeedsNothingThatItDoesNotRequire(id: ComponentID) throws {
    let all = Dictionary(uniqueKeysWithValues: ReferenceDeployment.components.map { ($0.id, $0) })
    var needed: Set<ComponentID> = [id]
    while case let more = Set(needed.flatMap { all[$0]?.requires ?? [] }).subtracting(needed), !more.isEmpty {
      needed.formUnion(more)
    }
    let components = ReferenceDeployment.components.filter { needed.contains($0.id) }
    let deployment = try Deployment(
      registry: ComponentRegistry(components + [ToolBox()]), file: ConfigurationFile(text: ""),
      identity: RenderedFolder.identity)
    #expect(deployment.tree["init-deployment.sh"] != nil)
  }

  @Test func volumesThatNoImageCanFillAreNamed() throws {
    let components = ReferenceDeployment.components.filter { ["deployment", "redis"].contains($0.id) }
    let error = #expect(throws: DioptraError.self) {
      try Deployment(
        registry: ComponentRegistry(components), file: ConfigurationFile(text: ""), identity: RenderedFolder.identity)
    }
    #expect(error?.problem.contains("component 'redis' has files for the volume 'redis-data'") == true)
  }

  /// An image for the volumes, where no component has one.
  private struct ToolBox: Component {
    let id: ComponentID = "tools"
    let summary = "An image with tools"
    func contributions(in context: Context) -> [Contribution] { [.toolImage(ToolImage("debian:12"))] }
  }
}
