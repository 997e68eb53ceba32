import DioptraKitCore
import TestSupport
import Testing
import Yams

/// What people rely on in `docker-compose.yml`, value by value, as a YAML reader sees it.
struct ComposeFactsTests {
  private static let noCPUs = ["num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0"]
  private static let https = ["enable_nginx_ssl": "true"]

  // MARK: The running deployment

  @Test(arguments: ["docker-compose.yml", ComposeFile.initializing])
  func aFileHasNetworksServicesAndVolumesAndNoNameOfItsOwn(file: String) throws {
    let root = try ComposeFile(file).root
    #expect(root.keys == ["networks", "services", "volumes"])
    #expect(root["networks"]?["dioptra"]?.texts == ["name": "dioptra-deployment_dioptra"])
  }

  @Test func servicesStandInTheOrderOfTheReference() throws {
    let file = try ComposeFile(values: ComposeFile.gpus.merging(["num_tensorflow_cpu_workers": "2"]) { $1 })
    let names = [
      "nginx", "minio", "db", "dbadmin", "redis", "mlflow-tracking", "restapi", "tfcpu-01", "tfcpu-02", "tfgpu-01",
      "tfgpu-02", "pytorchcpu-01", "pytorchgpu-01", "pytorchgpu-02",
    ]
    #expect(file.services.map(\.name) == names.map { "dioptra-deployment-\($0)" })
  }

  @Test func everyServiceIsRestartedHasItsNameForHostAndJoinsTheNetwork() throws {
    for (name, service) in try ComposeFile(values: ComposeFile.gpus).services {
      #expect(service["restart"]?.string == "always")
      #expect(service["hostname"]?.string == name)
      #expect(service["networks"]?.list == ["dioptra"])
    }
  }

  @Test func noServiceHasWhatNoServiceNeeds() throws {
    let known: Set = [
      "image", "restart", "hostname", "command", "runtime", "shm_size", "healthcheck", "env_file", "environment",
      "ports", "networks", "volumes",
    ]
    for (name, service) in try ComposeFile(values: ComposeFile.gpus).services {
      #expect(Set(service.keys).subtracting(known) == [], "service \(name)")
    }
  }

  @Test(arguments: [
    "nginx": "ghcr.io/usnistgov/dioptra/nginx:1.1.0",
    "minio": "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z",
    "db": "postgres:17",
    "dbadmin": "dpage/pgadmin4:8.12",
    "redis": "redis:7.2.6",
    "mlflow-tracking": "ghcr.io/usnistgov/dioptra/mlflow-tracking:1.1.0",
    "restapi": "ghcr.io/usnistgov/dioptra/restapi:1.1.0",
    "tfcpu-01": "ghcr.io/usnistgov/dioptra/tensorflow2-cpu:1.1.0",
    "tfgpu-01": "ghcr.io/usnistgov/dioptra/tensorflow2-gpu:1.1.0",
    "pytorchcpu-01": "ghcr.io/usnistgov/dioptra/pytorch-cpu:1.1.0",
    "pytorchgpu-02": "ghcr.io/usnistgov/dioptra/pytorch-gpu:1.1.0",
  ])
  func anImageIsPinned(name: String, image: String) throws {
    #expect(try ComposeFile(values: ComposeFile.gpus)[name]["image"]?.string == image)
  }

  @Test(arguments: [
    ("minio", "CMD curl -f http://localhost:9000/minio/health/live", "30s 10s 3"),
    ("db", "CMD pg_isready -U dioptra -d restapi", "30s 60s 3 30s"),
    ("dbadmin", "CMD wget --no-verbose --tries=1 --spider http://localhost:35050/misc/ping", "30s 60s 5 80s"),
    ("redis", "CMD redis-cli ping", "30s 10s 3"),
    ("mlflow-tracking", "CMD curl -f http://localhost:5000", "30s 10s 3 10s"),
    ("restapi", "CMD curl -f http://localhost:5000/health", "30s 10s 3 30s"),
  ])
  func aServiceIsAskedForItsHealth(name: String, test: String, times: String) throws {
    let check = try #require(try ComposeFile()[name]["healthcheck"])
    #expect(check["test"]?.list.joined(separator: " ") == test)
    #expect(check.times == times)
  }

  @Test(arguments: ["tfcpu-01", "tfgpu-02", "pytorchcpu-01", "pytorchgpu-01"])
  func aWorkerIsWellWhileRedisHasItsRegistration(name: String) throws {
    let check = try #require(try ComposeFile(values: ComposeFile.gpus)[name]["healthcheck"])
    let test = check["test"]?.list ?? []
    #expect(test.prefix(3) == ["CMD", "python", "-c"])
    #expect(test.last?.contains("rq:workers") == true && test.last?.contains("gethostname()") == true)
    #expect(check.times == "30s 60s 5 80s")
  }

  @Test(arguments: [
    ([:], ["http://localhost:30080", "http://localhost:35000"]),
    (https, ["http://localhost:30080", "https://localhost:30443", "https://localhost:35000"]),
  ])
  func theFrontEndAndMLflowAloneDecideNGINXsHealth(values: [String: String], urls: [String]) throws {
    let check = try #require(try ComposeFile(values: values)["nginx"]["healthcheck"])
    #expect(check["test"]?.list == ["CMD", "/usr/local/bin/healthcheck.sh"] + urls)
    #expect(check.times == "30s 10s 3 30s")
  }

  @Test(arguments: [
    ("nginx", ""), ("redis", ""),
    ("minio", "MINIO_ROOT_USER MINIO_ROOT_PASSWORD MINIO_KMS_SECRET_KEY"),
    ("db", "POSTGRES_USER_DIOPTRA_PASSWORD"),
    ("dbadmin", "PGADMIN_DEFAULT_PASSWORD"),
    (
      "mlflow-tracking",
      """
      AWS_ACCESS_KEY_ID=MLFLOW_TRACKING_AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=MLFLOW_TRACKING_AWS_SECRET_ACCESS_KEY \
      DIOPTRA_MLFLOW_TRACKING_DATABASE_URI MLFLOW_SERVER_ALLOWED_HOSTS
      """
    ),
    (
      "restapi",
      """
      AWS_ACCESS_KEY_ID=RESTAPI_AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=RESTAPI_AWS_SECRET_ACCESS_KEY \
      DIOPTRA_RESTAPI_DATABASE_URI DIOPTRA_DEPLOY_SECRET_KEY
      """
    ),
    (
      "tfcpu-01",
      """
      AWS_ACCESS_KEY_ID=WORKER_AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=WORKER_AWS_SECRET_ACCESS_KEY \
      DIOPTRA_WORKER_USERNAME DIOPTRA_WORKER_PASSWORD
      """
    ),
  ])
  func aServiceGetsItsSettings(name: String, settings: String) throws {
    #expect(try ComposeFile()[name].settings == settings)
  }

  @Test func cookiesAreSecureOnlyWithHTTPS() throws {
    let name = "DIOPTRA_REMEMBER_COOKIE_SECURE"
    #expect(try ComposeFile(values: Self.https)["restapi"]["environment"]?[name] != nil)
    #expect(try ComposeFile()["restapi"]["environment"]?[name] == nil)
  }

  @Test func noWorkerGetsTheDatabasesPassword() throws {
    let deployment = try RenderedFolder.deployment(ComposeFile.gpus)
    for (name, service) in try ComposeFile(values: ComposeFile.gpus).services where name.contains("pu-") {
      #expect(service.settings.contains("DATABASE") == false)
      for file in service["env_file"]?.list ?? [] {
        let text = deployment.tree[String(file.dropFirst(2))]?.masked
        #expect(text?.contains("postgresql") == false, "\(name) reads \(file)")
      }
    }
  }

  @Test(arguments: [
    ("nginx", ["ca-certificates"]), ("minio", []), ("redis", []), ("db", ["dioptra-deployment-db"]),
    ("dbadmin", ["dioptra-deployment-dbadmin"]),
    ("mlflow-tracking", ["ca-certificates", "dioptra-deployment-mlflow-tracking"]),
    ("restapi", ["ca-certificates", "dioptra-deployment-restapi"]),
    ("tfcpu-01", ["ca-certificates", "dioptra-deployment-worker", "dioptra-deployment-worker-cpu"]),
    ("pytorchgpu-01", ["ca-certificates", "dioptra-deployment-worker"]),
  ])
  func aServiceReadsItsEnvironmentFilesInOrder(name: String, files: [String]) throws {
    let service = try ComposeFile(values: ComposeFile.gpus)[name]
    #expect(service["env_file"]?.list ?? [] == files.map { "./envs/\($0).env" })
  }

  @Test(arguments: [
    ("nginx", "--wait-for restapi:5000"),
    ("minio", "server /data --console-address :9001"),
    ("db", ""), ("dbadmin", ""),
    ("redis", "redis-server --appendonly yes"),
    (
      "mlflow-tracking",
      """
      --host 0.0.0.0 --default-artifact-root s3://mlflow-tracking/artifacts --backend-store-uri \
      $${DIOPTRA_MLFLOW_TRACKING_DATABASE_URI} --wait-for minio:9001 --wait-for db:5432
      """
    ),
    ("restapi", backEnds),
    ("tfcpu-01", "\(backEnds) --wait-for restapi:5000 tensorflow-cpu"),
    ("tfgpu-02", "\(backEnds) --wait-for restapi:5000 tensorflow-gpu"),
    ("pytorchcpu-01", "\(backEnds) --wait-for restapi:5000 pytorch-cpu"),
    ("pytorchgpu-01", "\(backEnds) --wait-for restapi:5000 pytorch-gpu"),
  ])
  func aServiceIsCalledWithItsArguments(name: String, command: String) throws {
    #expect(try ComposeFile(values: ComposeFile.gpus)[name].command == command)
  }

  private static let backEnds =
    "--wait-for redis:6379 --wait-for minio:9001 --wait-for db:5432 --wait-for mlflow-tracking:5000"

  @Test(arguments: [
    (
      "nginx",
      """
      nginx-ca-certificates:/usr/local/share/ca-certificates:rw nginx-conf-d:/etc/nginx/conf.d:rw \
      nginx-etc-ssl:/etc/ssl:rw nginx-frontend:/frontend:ro
      """
    ),
    ("minio", "minio-certs:/root/.minio/certs:rw minio-data:/data:rw"),
    ("db", ComposeFile.database),
    ("dbadmin", "dbadmin-ca-certificates:/etc/ssl/certs:rw dbadmin-data:/var/lib/pgadmin:rw"),
    ("redis", "redis-data:/data:rw"),
    ("mlflow-tracking", ComposeFile.trust("mlflow-tracking")), ("restapi", ComposeFile.trust("restapi")),
    ("tfcpu-01", ComposeFile.trust("worker")), ("tfgpu-01", ComposeFile.trust("worker")),
    ("pytorchcpu-01", ComposeFile.trust("worker")),
    ("pytorchgpu-01", ComposeFile.trust("worker")),
  ])
  func aServiceMountsItsVolumesInOrder(name: String, mounts: String) throws {
    #expect(try ComposeFile(values: ComposeFile.gpus)[name].mounts == mounts)
  }

  @Test func workersAloneSeeTheDataSetsReadOnlyAndLast() throws {
    for (name, service) in try ComposeFile(values: ["datasets_directory": "/srv/my $data"]).services {
      let mount = service["volumes"]?.list.first { $0.contains("/dioptra/data") }
      #expect(mount == (name.contains("cpu-") ? "/srv/my $$data:/dioptra/data:ro" : nil), "service \(name)")
      #expect(mount == nil || service["volumes"]?.list.last == mount)
    }
  }

  @Test func onlyTheDatabaseHasMoreSharedMemory() throws {
    let services = try ComposeFile(values: ComposeFile.gpus).services.filter { $0.node["shm_size"] != nil }
    #expect(services.map(\.name) == ["dioptra-deployment-db"])
    #expect(services.first?.node["shm_size"]?.string == "256MB")
  }

  // MARK: Workers

  @Test func devicesAreNumberedThroughBothKindsOfGPUWorkers() throws {
    let file = try ComposeFile(values: ComposeFile.gpus)
    for (device, name) in ["tfgpu-01", "tfgpu-02", "pytorchgpu-01", "pytorchgpu-02"].enumerated() {
      let worker = try file[name]
      let last = worker["environment"]?.mapping?.map { $0 }.last
      #expect(last?.key.string == "NVIDIA_VISIBLE_DEVICES")
      #expect(last?.value.int == device && last?.value.tag == Tag(.int))
      #expect(worker["runtime"]?.string == "nvidia")
    }
    let other = try file["tfcpu-01"]
    #expect(other["runtime"] == nil && other["environment"]?["NVIDIA_VISIBLE_DEVICES"] == nil)
  }

  @Test func workersAreNumberedWithAtLeastTwoDigits() throws {
    let names = try ComposeFile(values: ["num_tensorflow_cpu_workers": "100"]).services.map(\.name)
    let workers = names.filter { $0.contains("tfcpu") }.map { $0.dropFirst("dioptra-deployment-tfcpu-".count) }
    #expect(workers.count == 100)
    #expect([workers.first, workers[8], workers[9], workers.last] == ["01", "09", "10", "100"])
  }

  @Test func aDeploymentWithGPUWorkersOnlyFillsTheirVolumesFromTheirImage() throws {
    let values = Self.noCPUs.merging(["num_pytorch_gpu_workers": "1"]) { $1 }
    let names = try ComposeFile(ComposeFile.initializing, values: values).services.map(\.name)
    #expect(names.filter { $0.contains("tf") || $0.contains("pytorch") } == ["pytorchgpu-ssl"])
    let step = try RenderedFolder.deployment(values).blueprint.steps.first { $0.id == "trust.workers" }
    #expect(step?.action.service == "pytorchgpu-ssl")
  }

  @Test func aKindWithoutWorkersHasNoServiceAtAll() throws {
    let values = ["num_tensorflow_cpu_workers": "0"]
    #expect(try ComposeFile(values: values).services.allSatisfy { !$0.name.contains("tfcpu") })
    let names = try ComposeFile(ComposeFile.initializing, values: values).services.map(\.name)
    #expect(names.filter { $0.contains("pu-ssl") } == ["pytorchcpu-ssl"])
  }

  // MARK: Ports

  @Test(arguments: [
    ([:], ["80:30080", "35432:5432", "35000:35000", "35050:35050", "39000:39000", "39001:39001"]),
    (https, ["80:30080", "443:30443", "35432:5432", "35000:35000", "35050:35050", "39000:39000", "39001:39001"]),
    (
      ["restapi_http_port": "8080", "db_port": "1", "mlflow_port": "2", "dbadmin_port": "3", "minio_api_port": "4"],
      ["8080:30080", "1:5432", "2:35000", "3:35050", "4:39000", "39001:39001"]
    ),
  ])
  func nginxPublishesThePortsInOrder(values: [String: String], ports: [String]) throws {
    let local = try ComposeFile(values: values)["nginx"]["ports"]?.list
    #expect(local == ports.map { "127.0.0.1:\($0)/tcp" })
    let open = values.merging(["nginx_expose_ports_on_localhost_only": "False"]) { $1 }
    #expect(try ComposeFile(values: open)["nginx"]["ports"]?.list == ports.map { "\($0)/tcp" })
  }

  @Test func nginxAlonePublishesPorts() throws {
    let services = try ComposeFile(values: ComposeFile.gpus).services.filter { $0.node["ports"] != nil }
    #expect(services.map(\.name) == ["dioptra-deployment-nginx"])
  }

  @Test func withoutPgAdminNothingOfItIsLeft() throws {
    for file in ["docker-compose.yml", ComposeFile.initializing] {
      let text = try #require(try RenderedFolder.deployment(disabled: ["dbadmin"]).tree[file]).masked
      #expect(!text.contains("dbadmin") && !text.contains("35050") && !text.contains("PGADMIN"))
    }
  }

  // MARK: Volumes

  private static let volumes: Set = [
    "dbadmin-ca-certificates", "dbadmin-data", "mlflow-tracking-ca-certificates", "mlflow-tracking-etc-ssl",
    "minio-certs", "minio-data", "nginx-ca-certificates", "nginx-conf-d", "nginx-etc-ssl", "nginx-frontend",
    "postgres-data", "postgres-docker-entrypoint-initdb-d", "postgres-etc-postgresql", "postgres-var-certs",
    "redis-data", "restapi-ca-certificates", "restapi-etc-ssl", "worker-ca-certificates", "worker-etc-ssl",
  ]

  @Test func bothFilesNameAndLabelTheSameVolumes() throws {
    let running = try ComposeFile().root["volumes"]
    let initializing = try ComposeFile(ComposeFile.initializing).root["volumes"]
    #expect(Set(running?.keys ?? []) == Self.volumes)
    #expect(initializing?.keys.count == 21)
    #expect(Set(initializing?.keys.prefix(2) ?? []) == ["init-repos", "mc-ca-certificates"])
    for name in initializing?.keys ?? [] {
      let volume = initializing?[name]
      #expect(volume?.keys == ["name", "labels"])
      #expect(volume?["name"]?.string == "dioptra-deployment_\(name)")
      #expect(volume?["labels"]?.texts == ["org.dioptrakit.deployment": RenderedFolder.identity.deployment])
      if Self.volumes.contains(name) { #expect(volume == running?[name]) }
    }
  }
}

/// What people and scripts rely on in `docker-compose.init.yml`.
struct ComposeInitFactsTests {
  @Test func initServicesAreLabelledAndNeverRestartedOrAskedForTheirHealth() throws {
    let allowed: Set = [
      "image", "hostname", "labels", "user", "entrypoint", "command", "shm_size", "env_file", "environment",
      "networks", "volumes",
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

/// A rendered Compose file of a deployment with the usual name.
struct ComposeFile {
  static let initializing = "docker-compose.init.yml"
  static let gpus = ["num_tensorflow_gpu_workers": "2", "num_pytorch_gpu_workers": "2"]

  /// The mounts of PostgreSQL.
  static let database = """
    postgres-data:/var/lib/postgresql/data:rw postgres-docker-entrypoint-initdb-d:/docker-entrypoint-initdb.d:rw \
    postgres-etc-postgresql:/etc/postgresql:rw postgres-var-certs:/var/lib/postgresql/certs:rw
    """

  /// The mounts of a trust store.
  static func trust(_ name: String) -> String {
    "\(name)-ca-certificates:/usr/local/share/ca-certificates:rw \(name)-etc-ssl:/etc/ssl:rw"
  }

  let root: Node
  private let isInitializing: Bool

  init(_ path: String = "docker-compose.yml", values: [String: String] = [:]) throws {
    let file = try #require(try RenderedFolder.deployment(values).tree[path])
    root = try #require(try Yams.compose(yaml: file.masked))
    isInitializing = path == Self.initializing
  }

  var services: [(name: String, node: Node)] {
    root["services"]?.mapping?.map { ($0.key.string ?? "", $0.value) } ?? []
  }

  /// A service by its name without the deployment's prefix.
  subscript(name: String) -> Node {
    get throws { try #require(root["services"]?[isInitializing ? name : "dioptra-deployment-\(name)"]) }
  }
}

extension Node {
  var keys: [String] { mapping?.keys.map { $0.string ?? "" } ?? [] }
  var list: [String] { sequence?.map { $0.string ?? "" } ?? [] }
  var texts: [String: String] {
    Dictionary(uniqueKeysWithValues: mapping?.map { ($0.key.string ?? "", $0.value.string ?? "") } ?? [])
  }

  /// Interval, time-out, retries and, where there is one, the time of grace at the start.
  var times: String {
    ["interval", "timeout", "retries", "start_period"].compactMap { self[$0]?.string }.joined(separator: " ")
  }

  /// The variables that come from `.env`, as `NAME` or `NAME=OTHER`.
  var settings: String {
    (self["environment"]?.mapping?.map { $0 } ?? []).map { entry in
      let name = entry.key.string ?? ""
      let setting = (entry.value.string ?? "").dropFirst(2).dropLast()
      return name == setting ? name : "\(name)=\(setting)"
    }.joined(separator: " ")
  }

  /// The arguments, hosts without the deployment's prefix.
  var command: String {
    (self["command"]?.list ?? []).joined(separator: " ").replacing("dioptra-deployment-", with: "")
  }

  var mounts: String { (self["volumes"]?.list ?? []).joined(separator: " ") }
}
