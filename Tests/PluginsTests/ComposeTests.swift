import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// Docker Compose reads the files, and says what it understood.
@Suite(.needsCompose)
struct ComposeTests {
  @Test(arguments: ComposeVariant.all)
  func composeHasNothingToComplainAbout(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values, disabled: variant.disabled)
    for file in ["docker-compose.yml", "docker-compose.init.yml"] {
      #expect(try await Compose.run(["config", "-q"], files: [file], in: folder.path) == "")
    }
  }

  @Test(arguments: ComposeVariant.all)
  func composeSeesTheServicesOfTheBlueprint(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values, disabled: variant.disabled)
    let seen = try await Compose.project(["docker-compose.yml"], in: folder.path)
    expect(seen, ComposeProject(running: folder))
  }

  @Test(arguments: ComposeVariant.all)
  func composeSeesTheInitServicesOfTheBlueprint(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values, disabled: variant.disabled)
    let seen = try await Compose.project(["docker-compose.init.yml"], in: folder.path)
    expect(seen, ComposeProject(initializing: folder))
  }

  @Test(arguments: ComposeVariant.all)
  func anUnchangedCopyOfTheOverrideTemplateChangesNothing(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values, disabled: variant.disabled)
    let template = try folder.scratch.read("docker-compose.override.yml.template")
    try folder.scratch.write(template, to: "docker-compose.override.yml")
    expect(try await Compose.project([], in: folder.path), ComposeProject(running: folder))
  }

  @Test(arguments: [ComposeVariant("CPUs"), ComposeVariant("CPUs and GPUs", ComposeFile.gpus)])
  func theExamplesOfTheOverrideTemplateWorkOnceUncommented(variant: ComposeVariant) async throws {
    let folder = try RenderedFolder(variant.values)
    let template = try folder.scratch.read("docker-compose.override.yml.template").split(separator: "\n")
    let examples = template.drop { $0 != "# services:" }.map { $0.dropFirst(2) }.joined(separator: "\n")
    try folder.scratch.write(examples, to: "docker-compose.override.yml")
    let project = try await Compose.project([], in: folder.path)
    for (name, service) in project.services where name.contains("pu-") {
      let data = ComposeProject.Service.Mount(
        type: "volume", source: "dioptra-data", target: "/dioptra/data", readOnly: true)
      #expect(service.volumes?.contains(data) == true)
      #expect(service.environment?["NVIDIA_VISIBLE_DEVICES"] == (name.contains("gpu-") ? "all" : nil))
    }
  }

  /// Shows the names of all services that differ, and the first of them as a whole.
  private func expect(_ seen: ComposeProject, _ wanted: ComposeProject) {
    let names = Set(seen.services.keys).union(wanted.services.keys).sorted()
    let different = names.filter { seen.services[$0] != wanted.services[$0] }
    #expect(different == [])
    if let name = different.first { #expect(seen.services[name] == wanted.services[name]) }
    #expect(seen.networks == wanted.networks)
    #expect(seen.volumes == wanted.volumes)
  }
}

/// Docker's plug-in.
enum Compose {
  /// Runs Compose, which must have nothing to complain about.
  ///
  /// - Parameter files: The files to read; those that Compose finds by itself when empty.
  static func run(_ arguments: [String], files: [String], in folder: String) async throws -> String {
    let outcome = try await Tool.run("docker", ["compose"] + files.flatMap { ["-f", $0] } + arguments, in: folder)
    #expect(outcome.succeeded)
    #expect(outcome.errors == "")
    return outcome.output
  }

  static func project(_ files: [String], in folder: String) async throws -> ComposeProject {
    // The answer is a Compose file again: a dollar sign stands there twice.
    let json = try await run(["config", "--format", "json"], files: files, in: folder)
      .replacingOccurrences(of: "$$", with: "$", options: .literal)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var project = try decoder.decode(ComposeProject.self, from: Data(json.utf8))
    // Compose's own, for services that join no network of ours.
    project.networks["default"] = nil
    return project
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test where `docker compose` does not work; never in CI. A `docker` without the plug-in does not count.
  static var needsCompose: Self {
    .enabled("Compose v2 is not installed; .ci/prepare installs it") {
      if Tool.isStrict { return true }
      return (try? await Tool.run("docker", ["compose", "version"]))?.succeeded == true
    }
  }
}

/// A deployment that somebody may choose.
struct ComposeVariant: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var values: [String: String] = [:]
  var disabled: Set<ComponentID> = []

  init(_ description: String, _ values: [String: String] = [:], disabled: Set<ComponentID> = []) {
    testDescription = description
    self.values = values
    self.disabled = disabled
  }

  static let all = combinations + workers + names + images + optional

  private static let combinations: [Self] = {
    let choices = [
      [Self("HTTP"), Self("HTTPS", ["enable_nginx_ssl": "true", "enable_postgres_ssl": "true"])],
      [Self("local"), Self("open", ["nginx_expose_ports_on_localhost_only": "false"])],
      [
        Self("no data"), Self("blank in path", ["datasets_directory": "/srv/data sets"]),
        Self("$ in path", ["datasets_directory": "/srv/$HOME/${x}$$"]),
      ],
      [Self("CPUs"), Self("GPUs", ComposeFile.gpus)],
    ]
    return choices.dropFirst().reduce(choices[0]) { found, next in
      found.flatMap { one in
        next.map { other in
          Self("\(one.testDescription), \(other.testDescription)", one.values.merging(other.values) { $1 })
        }
      }
    }
  }()

  private static let workers =
    [0, 3, 100].map { count in
      Self(
        "\(count) workers of each CPU kind",
        ["num_tensorflow_cpu_workers": "\(count)", "num_pytorch_cpu_workers": "\(count)"])
    } + [
      Self(
        "GPU only",
        ["num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0", "num_pytorch_gpu_workers": "1"])
    ]

  private static let names = [
    Self("another name", ["deployment_name": "Our Lab_2 (test)", "project_slug": "our-lab-2"]),
    Self("names that are numbers and words", ["project_slug": "1e3", "networks": "on null 0x1f"]),
    Self("several networks", ["networks": "dioptra lab_net monitoring"]),
    Self("another superuser", ["db_admin_username": "yes", "db_admin_database": "null"]),
    Self("other ports", ["restapi_http_port": "8080", "db_port": "5432", "minio_api_port": "9000"]),
  ]

  private static let digest = "@sha256:" + String(repeating: "0123456789abcdef", count: 4)

  private static let images = [
    Self("images built here", ["container_registry": "", "container_tag": "dev"]),
    Self("images without prefix", ["container_registry": "", "container_namespace": "", "container_tag": "1.2.0"]),
    Self("a registry with a port", ["container_registry": "localhost:5001/mirror", "container_tag": "1.1.0"]),
    Self(
      "images by digest",
      ["redis_image": "redis\(digest)", "nginx_image": "ghcr.io/lab/nginx:1.1.0\(digest)", "mc_image": "mc\(digest)"]),
  ]

  private static let optional =
    ["dbadmin", "tfcpu", "tfgpu", "pytorchcpu", "pytorchgpu", "systemd"].map { Self("no \($0)", disabled: [$0]) }
    + [Self("nothing optional", disabled: ["dbadmin", "tfcpu", "tfgpu", "pytorchcpu", "pytorchgpu", "systemd"])]
}

/// A project as `docker compose config` shows it, as far as a blueprint has an opinion.
struct ComposeProject: Decodable, Equatable {
  struct Service: Decodable, Equatable {
    struct Port: Decodable, Equatable {
      var hostIp: String?
      var published: String
      var target: Int
      var `protocol`: String
    }
    struct Mount: Decodable, Equatable {
      var type: String
      var source: String
      var target: String
      var readOnly: Bool?
    }
    struct HealthCheck: Decodable, Equatable {
      var test: [String]
      var interval: String
      var timeout: String
      var retries: Int
      var startPeriod: String?
    }
    struct Nothing: Decodable, Equatable {}

    var image: String
    var restart: String?
    var hostname: String?
    var user: String?
    var entrypoint: [String]?
    var command: [String]?
    var environment: [String: String]?
    var labels: [String: String]?
    var runtime: String?
    var shmSize: String?
    var ports: [Port]?
    var healthcheck: HealthCheck?
    var volumes: [Mount]?
    var networks: [String: Nothing?]
  }
  struct Named: Decodable, Equatable {
    var name: String
    var labels: [String: String]?
  }

  var services: [String: Service]
  var networks: [String: Named]
  /// Those that a service mounts.
  var volumes: [String: Named]?
}

extension ComposeProject {
  /// What the blueprint says of the running deployment.
  init(running folder: RenderedFolder) {
    let wording = Wording(deployment: folder.deployment)
    var devices = 0
    let services = wording.blueprint.services.map { service in
      var wanted = Service(service.value, in: folder.path, wording)
      wanted.restart = "always"
      wanted.hostname = wording.host(service.name)
      if let gpu = service.gpu {
        wanted.runtime = gpu.runtime
        wanted.environment?[gpu.deviceVariable] = "\(devices)"
        devices += 1
      }
      return (wording.host(service.name), wanted)
    }
    self.init(services, wording)
  }

  /// What the blueprint says of initialisation.
  init(initializing folder: RenderedFolder) {
    let wording = Wording(deployment: folder.deployment)
    let services = wording.blueprint.initServices.map { service in
      var wanted = Service(service.value, in: folder.path, wording)
      wanted.labels = wording.label
      if service.isNetworked { wanted.hostname = wording.host(service.name) }
      return (service.name.rawValue, wanted)
    }
    self.init(services, wording)
  }

  private init(_ services: [(String, Service)], _ wording: Wording) {
    self.services = Dictionary(uniqueKeysWithValues: services)
    networks = wording.named(wording.blueprint.networks.map(\.name), labels: nil)
    let mounted = services.flatMap { $0.1.volumes ?? [] }.filter { $0.type == "volume" }.map(\.source)
    volumes = wording.named(mounted, labels: wording.label)
  }
}

extension ComposeProject.Service {
  init(_ service: DioptraKitCore.Service, in folder: String, _ wording: Wording) {
    image = wording.text(service.image)
    user = service.user
    entrypoint = service.entrypoint?.map(wording.text)
    command = service.command.isEmpty ? nil : service.command.map(wording.text)
    environment = wording.environment(of: service)
    shmSize = service.sharedMemory == "256MB" ? "268435456" : service.sharedMemory
    ports =
      service.ports.isEmpty
      ? nil
      : service.ports.map { port in
        Port(
          hostIp: port.isLocal ? "127.0.0.1" : nil, published: wording.text(port.hostPort), target: port.containerPort,
          protocol: "tcp")
      }
    healthcheck = service.healthCheck.map { check in
      HealthCheck(
        test: ["CMD"] + check.command.map(wording.text), interval: Self.duration(check.interval),
        timeout: Self.duration(check.timeout), retries: check.retries,
        startPeriod: check.startPeriod.map(Self.duration))
    }
    volumes =
      service.mounts.isEmpty
      ? nil
      : service.mounts.map { mount in
        let readOnly = mount.isReadOnly ? true : nil
        return switch mount.source {
        case .volume(let name): Mount(type: "volume", source: name.rawValue, target: mount.target, readOnly: readOnly)
        case .folder(let path):
          Mount(type: "bind", source: "\(folder)/\(path)", target: mount.target, readOnly: readOnly)
        case .host(let path): Mount(type: "bind", source: wording.text(path), target: mount.target, readOnly: readOnly)
        }
      }
    let joined = service.isNetworked ? wording.blueprint.networks.map(\.name) : ["default"]
    networks = Dictionary(uniqueKeysWithValues: joined.map { ($0, nil) })
  }

  /// As Compose writes seconds.
  private static func duration(_ seconds: Int) -> String {
    seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
  }
}

/// A blueprint's texts as characters.
struct Wording {
  let deployment: Deployment
  var blueprint: Blueprint { deployment.blueprint }
  var label: [String: String] { ["org.dioptrakit.deployment": RenderedFolder.identity.deployment] }

  func host(_ service: ServiceName) -> String { "\(deployment.configuration["project_slug"])-\(service)" }

  func named(_ names: [String], labels: [String: String]?) -> [String: ComposeProject.Named] {
    let slug = deployment.configuration["project_slug"]
    return Dictionary(names.map { ($0, .init(name: "\(slug)_\($0)", labels: labels)) }) { first, _ in first }
  }

  func text(_ text: Text) -> String {
    text.segments.map { segment in
      switch segment {
      case .literal(let value), .variable(_, let value): return value
      case .secret(let name, .plain): return "<\(name)>"
      case .secret(let name, .percent): return "%3C\(name)%3E"
      case .endpoint(let name, let part):
        guard let endpoint = blueprint.endpoints.first(where: { $0.name == name }) else { return "?" }
        return host(endpoint.service) + (part == .host ? "" : ":\(endpoint.port)")
      }
    }.joined()
  }

  /// The environment files one after the other, then the service's own variables.
  func environment(of service: DioptraKitCore.Service) -> [String: String]? {
    let settings = Dictionary(uniqueKeysWithValues: blueprint.settings.map { ($0.name, text($0.value.value)) })
    let files = service.environmentFiles.flatMap { path in
      blueprint.environmentFiles.filter { $0.path == path }.flatMap(\.entries).map { ($0.name, text($0.value)) }
    }
    let own = service.environment.map { variable in
      switch variable.value {
      case .text(let value): (variable.name, text(value))
      case .setting(let name): (variable.name, settings[name] ?? "?")
      }
    }
    let all = Dictionary(files + own) { $1 }
    return all.isEmpty ? nil : all
  }
}
