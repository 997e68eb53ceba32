import DioptraKitCore
import Foundation
import TestSupport
import Testing

struct FolderTests {
  /// What people and documentation of the reference expect to find.
  private static let expected = """
    .env .gitattributes .gitignore README.md docker-compose.init.yml docker-compose.override.yml.template docker-compose.yml \
    import_resources.py init-deployment.sh config/db/init-db.sh config/minio/mlflow-tracking-readwrite-policy.json \
    config/nginx/http_dbadmin.conf config/nginx/http_default.conf config/nginx/http_minio.conf \
    config/nginx/http_mlflow.conf config/nginx/http_proxy.conf config/nginx/http_restapi.conf \
    config/nginx/https_dbadmin.conf config/nginx/https_default.conf config/nginx/https_minio.conf \
    config/nginx/https_mlflow.conf config/nginx/https_proxy.conf config/nginx/https_restapi.conf \
    config/nginx/stream_db.conf envs/ca-certificates.env envs/lab-db.env envs/lab-dbadmin.env \
    envs/lab-mlflow-tracking.env envs/lab-restapi.env envs/lab-worker-cpu.env envs/lab-worker.env \
    scripts/copy-extra-ca-certificates.m4 scripts/file-copy.m4 scripts/generate_password_templates.py \
    scripts/git-clone.m4 scripts/globbed-copy.m4 scripts/init-frontend.sh scripts/init-minio.sh \
    scripts/init-named-volumes.m4 scripts/init-scripts.sh scripts/init-worker-account.sh scripts/manage-postgres-ssl.m4 \
    scripts/set-permissions.m4 scripts/templates/dioptra.service.j2 scripts/templates/dot-env.j2 \
    scripts/templates/minio-accounts.env.j2 scripts/templates/postgres-passwd.env.j2 secrets/lab-minio-accounts.env \
    secrets/postgres-passwd.env ssl/ca-certificates/README.md ssl/db/README.md ssl/nginx/README.md \
    systemd/dioptra.service
    """.split(separator: " ").map(String.init)

  /// The scripts that the reference makes from its templates inside a container.
  private static let processed = [
    "copy-extra-ca-certificates", "file-copy", "git-clone", "globbed-copy", "init-named-volumes", "manage-postgres-ssl",
    "set-permissions",
  ].map { "scripts/\($0).sh" }

  @Test func theFolderHasTheFilesOfTheReferenceAndTheProcessedScripts() throws {
    let folder = try RenderedFolder(["deployment_name": "Lab"])
    #expect(try folder.scratch.files().keys.sorted() == (Self.expected + Self.processed).sorted())
  }

  @Test func whatHoldsSecretsIsPrivateAndWhatIsRunIsExecutable() throws {
    let files = try RenderedFolder().scratch.files()
    for (path, mode) in files {
      let isSecret = path == ".env" || path.hasPrefix("secrets/")
      let isProgram = path.hasSuffix(".sh") || path == "import_resources.py"
      // As in the reference, where nothing depends on it.
      let isMarked = ["copy-extra-ca-certificates", "file-copy", "git-clone", "set-permissions"]
        .contains { path == "scripts/\($0).m4" }
      #expect(mode == (isSecret ? 0o600 : isProgram || isMarked ? 0o755 : 0o644), "\(path)")
    }
  }

  @Test(.needs("git"))
  func gitSeesWhatIsToBeCommittedAndNothingSecret() async throws {
    let folder = try RenderedFolder()
    let certificates = ["ssl/nginx/server.crt", "ssl/nginx/server.key", "ssl/db/server.crt", "ssl/db/server.key"]
    for path in certificates + ["ssl/ca-certificates/own.crt", "ssl/ca-certificates/own.key", ".dioptra/state.db"] {
      try folder.scratch.write("x", to: path)
    }
    for path in ["dioptra.yaml", "docker-compose.override.yml", ".env.new"] { try folder.scratch.write("x", to: path) }
    #expect(try await Tool.run("git", ["init", "-q"], in: folder.path).succeeded)
    let listed = try await Tool.run("git", ["ls-files", "--others", "--exclude-standard"], in: folder.path)
    let seen = Set(listed.output.split(separator: "\n").map(String.init))
    let all = Set(try folder.scratch.files().keys.filter { !$0.hasPrefix(".git/") })
    let hidden =
      certificates + [
        "ssl/ca-certificates/own.key", ".dioptra/state.db", ".env", ".env.new", "secrets/postgres-passwd.env",
        "secrets/dioptra-deployment-minio-accounts.env",
      ]
    #expect(all.subtracting(seen) == Set(hidden))
  }

  @Test func settingsAreThoseThatPeopleKnowInTheirOrder() throws {
    let lines = try RenderedFolder().scratch.read(".env").split(separator: "\n")
    #expect(
      lines.map { $0.prefix { $0 != "=" } } == [
        "DIOPTRA_RESTAPI_DATABASE_URI", "DIOPTRA_MLFLOW_TRACKING_DATABASE_URI", "DIOPTRA_WORKER_USERNAME",
        "DIOPTRA_WORKER_PASSWORD", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "MINIO_KMS_SECRET_KEY",
        "MLFLOW_SERVER_ALLOWED_HOSTS", "MLFLOW_TRACKING_AWS_ACCESS_KEY_ID", "MLFLOW_TRACKING_AWS_SECRET_ACCESS_KEY",
        "PGADMIN_DEFAULT_PASSWORD", "POSTGRES_USER_DIOPTRA_PASSWORD", "RESTAPI_AWS_ACCESS_KEY_ID",
        "RESTAPI_AWS_SECRET_ACCESS_KEY", "WORKER_AWS_ACCESS_KEY_ID", "WORKER_AWS_SECRET_ACCESS_KEY",
        "DIOPTRA_DEPLOY_SECRET_KEY",
      ])
  }

  @Test func aBlueprintIsAValueThatCanBeWrittenDownAndReadBack() throws {
    let blueprint = try RenderedFolder.deployment(["num_pytorch_gpu_workers": "2"]).blueprint
    #expect(try JSONDecoder().decode(Blueprint.self, from: JSONEncoder().encode(blueprint)) == blueprint)
  }
}
