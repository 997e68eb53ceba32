internal import DioptraModel
internal import DioptraSystem

/// One service as Compose describes it.
struct ComposeService {
  let service: Service
  let scene: ComposeScene

  /// A service that the engine keeps running.
  func running(device: Int?) throws -> [YAMLNode.Entry] {
    try image + [entry("restart", "always"), entry("hostname", scene.context.name(of: service.name))]
      + configuration(device: device) + networks + mounts
  }

  /// A service that runs once or is stopped again: never restarted, and labelled with the deployment's id.
  func initializing() throws -> [YAMLNode.Entry] {
    try image
      + (service.connection == .deployment ? [entry("hostname", scene.context.name(of: service.name))] : [])
      + [YAMLNode.Entry("labels", .map([ComposeDocument.labelEntry(scene)]))]
      + configuration(device: nil) + networks + mounts
  }

  private var image: [YAMLNode.Entry] {
    get throws { [entry("image", try text(service.image))] }
  }

  private func configuration(device: Int?) throws -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    if let user = service.user { entries.append(entry("user", Text(user))) }
    if let entrypoint = service.entrypoint {
      entries.append(YAMLNode.Entry("entrypoint", .flow(try entrypoint.map(text))))
    }
    if !service.command.isEmpty {
      entries.append(YAMLNode.Entry("command", .list(try service.command.map { .string(try text($0)) })))
    }
    if let runtime = service.accelerator?.kind { entries.append(entry("runtime", Text(runtime))) }
    if let size = service.sharedMemory { entries.append(entry("shm_size", Self.size(size))) }
    if let check = service.healthCheck { entries.append(YAMLNode.Entry("healthcheck", .map(try health(check)))) }
    if !service.environmentFiles.isEmpty {
      entries.append(YAMLNode.Entry("env_file", .list(service.environmentFiles.map { .string("./\($0)") })))
    }
    let environment = try self.environment(device: device)
    if !environment.isEmpty { entries.append(YAMLNode.Entry("environment", .map(environment))) }
    if !service.ports.isEmpty {
      entries.append(YAMLNode.Entry("ports", .list(try service.ports.map { .quoted(try port($0)) })))
    }
    return entries
  }

  /// Bytes as Compose takes them: its `MB` is 1024 squared.
  private static func size(_ bytes: Int) -> Text {
    bytes % (1 << 20) == 0 ? "\(bytes >> 20)MB" : "\(bytes)b"
  }

  private func health(_ check: HealthCheck) throws -> [YAMLNode.Entry] {
    [
      YAMLNode.Entry("test", test(try check.command.map(text))),
      entry("interval", "\(check.interval)s"),
      entry("timeout", "\(check.timeout)s"),
      YAMLNode.Entry("retries", .literal(String(check.retries))),
    ] + (check.startPeriod.map { [entry("start_period", "\($0)s")] } ?? [])
  }

  /// On one line if it is short.
  private func test(_ command: [Text]) -> YAMLNode {
    let arguments = ["CMD"] + command
    let length = arguments.reduce(0) { $0 + $1.visible.count + 2 }
    return length <= 80 ? .flow(arguments) : .list(arguments.map { .string($0) })
  }

  private func environment(device: Int?) throws -> [YAMLNode.Entry] {
    var entries = try service.environment.map { variable in
      switch variable.value {
      case .setting(let name): entry(variable.name, "${\(name)}")
      case .text(let value): entry(variable.name, try text(value))
      }
    }
    if let accelerator = service.accelerator, let device {
      entries.append(
        YAMLNode.Entry(scene.context.configuration.dialect.deviceVariable(of: accelerator), .literal(String(device))))
    }
    return entries + proxies
  }

  /// Docker's client passes the proxy in its settings to every container: what is set here wins. The dollar sign in a
  /// proxy's URL begins the name of a setting, so that it stays single.
  private var proxies: [YAMLNode.Entry] {
    scene.proxies.variables(of: service).map { name, value in
      YAMLNode.Entry(name, value.isEmpty ? .quoted("") : .string(value))
    }
  }

  private func port(_ port: PublishedPort) throws -> Text {
    "\(port.exposure == .host ? "127.0.0.1:" : "")\(try text(port.hostPort)):\(port.containerPort)/tcp"
  }

  /// A container without connections stays out of Compose's networks: two calls at once could both try to create one.
  private var networks: [YAMLNode.Entry] {
    switch service.connection {
    case .deployment: [YAMLNode.Entry("networks", .list(scene.blueprint.networks.map { .string(Text($0.name)) }))]
    case .outside: [entry("network_mode", "bridge")]
    case .none: [entry("network_mode", "none")]
    }
  }

  private var mounts: [YAMLNode.Entry] {
    get throws {
      guard !service.mounts.isEmpty else { return [] }
      return [
        YAMLNode.Entry(
          "volumes",
          .list(
            try service.mounts.map { mount in
              .quoted("\(try source(mount.source)):\(mount.target):\(mount.isReadOnly ? "ro" : "rw")")
            }))
      ]
    }
  }

  private func source(_ source: Mount.Source) throws -> Text {
    switch source {
    case .volume(let name): Text(name.rawValue)
    case .folder(let path): "./\(path)"
    case .host(let path): try text(path)
    }
  }

  private func entry(_ key: String, _ value: Text) -> YAMLNode.Entry {
    YAMLNode.Entry(key, .string(value))
  }

  /// A literal text: Compose would replace `$NAME`, and takes `$$` for a dollar sign.
  private func text(_ text: Text) throws -> Text {
    try scene.resolved(text).mapCharacters { $0.replacingBytes(of: "$", with: "$$") }
  }
}
