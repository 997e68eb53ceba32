import DioptraKitCore
import Foundation
import TestSupport
import Testing

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
    var networks: [String: Nothing?]?
    var networkMode: String?
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
      if let accelerator = service.accelerator {
        wanted.runtime = accelerator.kind
        wanted.environment?["NVIDIA_VISIBLE_DEVICES"] = "\(devices)"
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
      if service.connection == .deployment { wanted.hostname = wording.host(service.name) }
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
    shmSize = service.sharedMemory.map(String.init)
    ports =
      service.ports.isEmpty
      ? nil
      : service.ports.map { port in
        Port(
          hostIp: port.exposure == .host ? "127.0.0.1" : nil, published: wording.text(port.hostPort),
          target: port.containerPort,
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
    switch service.connection {
    case .deployment:
      networks = Dictionary(uniqueKeysWithValues: wording.blueprint.networks.map { ($0.name, nil) })
    case .outside: networkMode = "bridge"
    case .none: networkMode = "none"
    }
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

  private func value(_ name: VariableName) -> String { deployment.configuration.entry(name)?.value ?? "" }

  func host(_ service: ServiceName) -> String { "\(value("project_slug"))-\(service)" }

  func named(_ names: [String], labels: [String: String]?) -> [String: ComposeProject.Named] {
    let slug = value("project_slug")
    return Dictionary(names.map { ($0, .init(name: "\(slug)_\($0)", labels: labels)) }) { first, _ in first }
  }

  func text(_ text: Text) -> String {
    text.segments.map { segment in
      switch segment.content {
      case .literal(let value), .variable(_, let value): return value
      case .secret(let name, .plain, _), .secret(let name, .setting, _): return "<\(name)>"
      case .secret(let name, .percent, _): return "%3C\(name)%3E"
      case .endpoint(let name, let part):
        guard let endpoint = blueprint.endpoints.first(where: { $0.name == name }) else { return "?" }
        return host(endpoint.service) + (part == .host ? "" : ":\(endpoint.port)")
      }
    }.joined()
  }

  /// What goes outside knows whom it reaches without a proxy, the others use none.
  private func proxyExceptions(of service: DioptraKitCore.Service) -> [(String, String)] {
    guard service.connection == .deployment else { return [] }
    let called = blueprint.endpoints.map { host($0.service) }
    let hosts =
      ["localhost", "127.0.0.1", "::1"]
      + called.enumerated().filter { called.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    let own = value("no_proxy")
    guard service.reachesOut else {
      return ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"].map { ($0, "") }
    }
    let all = (hosts + (own.isEmpty ? [] : [own])).joined(separator: ",")
    return [("NO_PROXY", all), ("no_proxy", all)]
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
    let all = Dictionary(files + own + proxyExceptions(of: service)) { $1 }
    return all.isEmpty ? nil : all
  }
}
