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
  func aFileNamesItsProjectAfterTheDeployment(file: String) throws {
    let root = try ComposeFile(file).root
    #expect(root.keys == ["name", "networks", "services", "volumes"])
    #expect(root["name"]?.string == "dioptra-deployment")
    #expect(root["networks"]?["dioptra"]?.texts == ["name": "dioptra-deployment_dioptra"])
  }

  @Test func onlyWhatGoesOutsideUsesTheProxyOfDockersClientAndNeverForTheDeploymentsOwnHosts() throws {
    let file = try ComposeFile(values: ["no_proxy": ".example.org, 10.0.0.0/8"])
    for (name, service) in file.services {
      let hosts = service["environment"]?["NO_PROXY"]?.string
      #expect(service["environment"]?["no_proxy"]?.string == hosts)
      guard ["restapi", "tfcpu-01", "pytorchcpu-01"].contains(where: name.hasSuffix) else {
        #expect(hosts == nil, "\(name)")
        for variable in ["HTTP_PROXY", "https_proxy", "all_proxy"] {
          #expect(service["environment"]?[variable]?.string == "", "\(name)")
        }
        continue
      }
      let names = hosts?.split(separator: ",").map(String.init) ?? []
      #expect(
        names.prefix(3) == ["localhost", "127.0.0.1", "::1"] && names.suffix(2) == [".example.org", "10.0.0.0/8"])
      for called in ["minio", "db", "redis", "restapi", "mlflow-tracking"] {
        #expect(names.contains("dioptra-deployment-\(called)"), "\(name): \(called)")
      }
    }
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
  func aWorkerIsHealthyWhileRedisHasItsRegistration(name: String) throws {
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
      let number = worker["environment"]?["NVIDIA_VISIBLE_DEVICES"]
      #expect(number?.int == device && number?.tag == Tag(.int))
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
