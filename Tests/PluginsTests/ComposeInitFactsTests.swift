import DioptraKitCore
import TestSupport
import Testing
import Yams

/// What people and scripts rely on in `docker-compose.init.yml`.
struct ComposeInitFactsTests {
  @Test func initServicesAreLabelledAndNeverRestartedOrAskedForTheirHealth() throws {
    let allowed: Set = [
      "image", "hostname", "labels", "user", "entrypoint", "command", "shm_size", "env_file", "environment",
      "network_mode", "networks", "volumes",
    ]
    for (name, service) in try ComposeFile(ComposeFile.initializing, values: ComposeFile.gpus).services {
      #expect(Set(service.keys).subtracting(allowed) == [], "service \(name)")
      #expect(service["labels"]?.texts == ["org.dioptrakit.deployment": RenderedFolder.identity.deployment])
    }
  }

  @Test func initServicesHaveTheNamesThatScriptsCall() throws {
    let names = try ComposeFile(ComposeFile.initializing).services.map(\.name)
    let wanted: Set = [
      "minio", "db", "restapi", "init-dioptra-worker", "mc", "named-volumes", "nginx-ssl", "mlflow-tracking-ssl",
      "restapi-ssl", "tfcpu-ssl", "pytorchcpu-ssl", "frontend-source", "frontend-build",
    ]
    #expect(Set(names) == wanted && names.count == wanted.count)
  }

  @Test(arguments: [
    "minio": "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z",
    "mc": "quay.io/minio/mc:RELEASE.2025-08-13T08-35-41Z",
    "db": "postgres:17",
    "restapi": "ghcr.io/usnistgov/dioptra/restapi:1.1.0",
    "init-dioptra-worker": "ghcr.io/usnistgov/dioptra/restapi:1.1.0",
    "named-volumes": "ghcr.io/usnistgov/dioptra/nginx:1.1.0",
    "frontend-source": "ghcr.io/usnistgov/dioptra/nginx:1.1.0",
    "frontend-build": "node:22-bullseye",
    "nginx-ssl": "ghcr.io/usnistgov/dioptra/nginx:1.1.0",
    "mlflow-tracking-ssl": "ghcr.io/usnistgov/dioptra/mlflow-tracking:1.1.0",
    "restapi-ssl": "ghcr.io/usnistgov/dioptra/restapi:1.1.0",
    "tfcpu-ssl": "ghcr.io/usnistgov/dioptra/tensorflow2-cpu:1.1.0",
    "pytorchcpu-ssl": "ghcr.io/usnistgov/dioptra/pytorch-cpu:1.1.0",
  ])
  func anInitServiceRunsTheImageWhoseFilesItPrepares(name: String, image: String) throws {
    #expect(try ComposeFile(ComposeFile.initializing)[name]["image"]?.string == image)
  }

  @Test func initServicesThatTalkToOthersJoinTheNetworkUnderTheirHostNames() throws {
    let talkers: Set = ["minio", "db", "restapi", "init-dioptra-worker", "mc"]
    for (name, service) in try ComposeFile(ComposeFile.initializing).services {
      let talks = talkers.contains(name)
      #expect(service["hostname"]?.string == (talks ? "dioptra-deployment-\(name)" : nil))
      #expect(service["networks"]?.list == (talks ? ["dioptra"] : nil))
    }
  }

  @Test func initServicesThatPrepareFilesAreRootAndAllButServersAreShells() throws {
    for (name, service) in try ComposeFile(ComposeFile.initializing).services {
      let isServer = ["minio", "db", "restapi"].contains(name)
      #expect(service["entrypoint"]?.list == (isServer ? nil : ["/bin/bash"]), "service \(name)")
      let isImageUser = isServer || ["init-dioptra-worker", "mc"].contains(name)
      #expect(service["user"]?.string == (isImageUser ? nil : "root"), "service \(name)")
    }
  }

  @Test(arguments: [
    ("minio", "MINIO_ROOT_USER MINIO_ROOT_PASSWORD MINIO_KMS_SECRET_KEY", "", "server /data --console-address :9001"),
    ("db", "POSTGRES_USER_DIOPTRA_PASSWORD", "./envs/dioptra-deployment-db.env", ""),
    (
      "restapi",
      """
      AWS_ACCESS_KEY_ID=RESTAPI_AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=RESTAPI_AWS_SECRET_ACCESS_KEY \
      DIOPTRA_RESTAPI_DATABASE_URI DIOPTRA_DEPLOY_SECRET_KEY
      """,
      "./envs/dioptra-deployment-restapi.env", "--wait-for db:5432"
    ),
    ("init-dioptra-worker", "DIOPTRA_WORKER_USERNAME DIOPTRA_WORKER_PASSWORD", "", ""),
    ("frontend-source", "", "./envs/ca-certificates.env", ""),
    ("frontend-build", "", "./envs/ca-certificates.env", ""),
    ("mc", "", "", ""), ("named-volumes", "", "", ""), ("nginx-ssl", "", "", ""),
  ])
  func anInitServiceGetsWhatItNeeds(name: String, settings: String, files: String, command: String) throws {
    let service = try ComposeFile(ComposeFile.initializing)[name]
    #expect(service.settings == settings)
    #expect((service["env_file"]?.list ?? []).joined(separator: " ") == files)
    #expect(service.command == command)
  }

  @Test(arguments: [
    ("minio", "minio-certs:/root/.minio/certs:rw minio-data:/data:rw"),
    ("db", "./scripts:/scripts:ro \(ComposeFile.database)"),
    ("restapi", ComposeFile.trust("restapi")),
    ("init-dioptra-worker", "./scripts:/scripts:ro"),
    (
      "mc",
      """
      ./config/minio:/s3-policy:ro ./secrets:/secrets:ro ./scripts:/scripts:ro \
      mc-ca-certificates:/root/.mc/certs/CAs:ro
      """
    ),
    ("nginx-ssl", "./ssl:/ssl:ro ./scripts:/scripts:ro \(ComposeFile.trust("nginx"))"),
    ("mlflow-tracking-ssl", "./ssl:/ssl:ro ./scripts:/scripts:ro \(ComposeFile.trust("mlflow-tracking"))"),
    ("restapi-ssl", "./ssl:/ssl:ro ./scripts:/scripts:ro \(ComposeFile.trust("restapi"))"),
    ("tfcpu-ssl", "./ssl:/ssl:ro ./scripts:/scripts:ro \(ComposeFile.trust("worker"))"),
    ("pytorchcpu-ssl", "./ssl:/ssl:ro ./scripts:/scripts:ro \(ComposeFile.trust("worker"))"),
    ("frontend-source", "./scripts:/scripts:ro init-repos:/repo:rw \(ComposeFile.trust("nginx"))"),
    (
      "frontend-build",
      "./scripts:/scripts:ro init-repos:/repo:rw \(ComposeFile.trust("nginx")) nginx-frontend:/frontend:rw"
    ),
  ])
  func anInitServiceMountsItsVolumesInOrder(name: String, mounts: String) throws {
    #expect(try ComposeFile(ComposeFile.initializing)[name].mounts == mounts)
  }

  @Test func theVolumesThatAreFilledFromTheFolderAreMountedOnceEach() throws {
    let mounts = try ComposeFile(ComposeFile.initializing)["named-volumes"]["volumes"]?.list ?? []
    #expect(Array(mounts.prefix(4)) == ["config", "secrets", "ssl", "scripts"].map { "./\($0):/\($0):ro" })
    let filled: Set = [
      "dbadmin-ca-certificates", "dbadmin-data", "mc-ca-certificates", "minio-certs", "minio-data", "nginx-conf-d",
      "nginx-etc-ssl", "postgres-docker-entrypoint-initdb-d", "postgres-etc-postgresql", "postgres-var-certs",
      "redis-data",
    ]
    #expect(mounts.dropFirst(4).sorted() == filled.sorted().map { "\($0):/volumes/\($0):rw" })
  }
}
