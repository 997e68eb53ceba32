internal import DioptraSystem

/// What must hold of a blueprint before anything is rendered from it.
extension Blueprint {
  package func check() throws {
    try checkOwners()
    try checkReferences()
    try checkPorts()
    for file in files { try checkPath(file.path, owner: file.owner) }
    for file in environmentFiles { try checkPath(file.path, owner: file.owner) }
  }

  private func checkOwners() throws {
    try unique(services, "service", \.name.rawValue)
    try unique(initServices, "init service", \.name.rawValue)
    try unique(networks, "network", \.name)
    try unique(volumes, "volume", \.name.rawValue)
    try unique(volumePreparations, "preparation of volume", \.volume.rawValue)
    try unique(endpoints, "endpoint", \.name.rawValue)
    try unique(settings, "setting", \.name)
    try unique(secrets, "secret", \.name.rawValue)
    try unique(steps, "step", \.id.rawValue)
    try unique(proxyServers, "proxy server", \.name)
    try unique(proxyStreams, "proxy stream", \.file)
    try unique(backupData, "member of a backup", \.member)
    let paths =
      files.map { ($0.owner, $0.path) }
      + environmentFiles.map { ($0.owner, $0.path) }
      + scripts.flatMap { script in script.value.paths.map { (script.owner, $0) } }
    try unique(paths.map { Owned(owner: $0.0, value: $0.1) }, "file", \.self)
  }

  private func unique<Value>(
    _ values: [Owned<Value>], _ kind: String, _ name: (Value) -> String
  ) throws(DioptraError) {
    var owners: [String: ComponentID] = [:]
    for value in values {
      let name = name(value.value)
      guard let other = owners.updateValue(value.owner, forKey: name) else { continue }
      throw DioptraError(
        "components '\(other)' and '\(value.owner)' both contribute the \(kind) '\(name)'",
        remedy: "Rename it in one of them, or switch one of them off"
      )
    }
  }

  private func checkReferences() throws {
    let known = (
      volumes: Set(volumes.map(\.name)), settings: Set(settings.map(\.name)),
      environmentFiles: Set(environmentFiles.map(\.path)), initServices: Set(initServices.map(\.name)),
      endpoints: Set(endpoints.map(\.name)), servers: Set(proxyServers.map(\.name)), services: Set(services.map(\.name))
    )
    for service in services + initServices {
      for mount in service.mounts {
        if case .volume(let name) = mount.source, !known.volumes.contains(name) {
          throw unknown("volume", name.rawValue, "service '\(service.name)'", service.owner)
        }
      }
      for variable in service.environment {
        if case .setting(let name) = variable.value, !known.settings.contains(name) {
          throw unknown("setting", name, "service '\(service.name)'", service.owner)
        }
      }
      if let file = service.environmentFiles.first(where: { !known.environmentFiles.contains($0) }) {
        throw unknown("environment file", file, "service '\(service.name)'", service.owner)
      }
    }
    for preparation in volumePreparations where !known.volumes.contains(preparation.volume) {
      throw unknown("volume", preparation.volume.rawValue, "a volume preparation", preparation.owner)
    }
    for format in dataFormats where !known.volumes.contains(format.volume) {
      throw unknown("volume", format.volume.rawValue, "a data format", format.owner)
    }
    for data in backupData {
      if !known.volumes.contains(data.value.volume) {
        throw unknown("volume", data.value.volume.rawValue, "a part of backups", data.owner)
      }
      if let service = data.value.dump?.service,
        !known.initServices.contains(service) || !known.services.contains(service)
      {
        throw unknown("service", service.rawValue, "a part of backups", data.owner)
      }
    }
    for endpoint in endpoints where !known.services.contains(endpoint.service) {
      throw unknown("service", endpoint.service.rawValue, "endpoint '\(endpoint.name)'", endpoint.owner)
    }
    for location in proxyLocations where !known.servers.contains(location.server) {
      throw unknown("proxy server", location.server, "a proxy location", location.owner)
    }
    for step in steps {
      if let service = step.action.service, !known.initServices.contains(service) {
        throw unknown("init service", service.rawValue, "step '\(step.id)'", step.owner)
      }
      for seal in step.seals where !known.settings.contains(seal.setting) || !known.volumes.contains(seal.volume) {
        throw unknown("setting or volume", "\(seal.setting), \(seal.volume)", "step '\(step.id)'", step.owner)
      }
    }
  }

  private func unknown(_ kind: String, _ name: String, _ user: String, _ owner: ComponentID) -> DioptraError {
    DioptraError(
      "\(user) of component '\(owner)' refers to the \(kind) '\(name)', which nobody contributes",
      remedy: "Correct the name, or switch on the component that it comes from"
    )
  }

  /// Two services cannot publish the same port of the host.
  private func checkPorts() throws {
    var users: [String: String] = [:]
    for port in services.flatMap(\.ports) {
      let name = port.hostPort.segments.compactMap { segment in
        if case .variable(let name, _) = segment.content { name.rawValue } else { nil as String? }
      }.first
      let user = name ?? port.summary
      let number = port.hostPort.characters ?? ""
      if let other = users.updateValue(user, forKey: number) {
        throw DioptraError(
          "\(other) and \(user) are both \(number), but a port of the host leads to one place only",
          remedy: "Choose another number for one of them"
        )
      }
    }
  }

  /// Components write below the folder and nowhere else, and not into the program's own folder.
  private func checkPath(_ path: String, owner: ComponentID) throws {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let isConfined = !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } && !path.utf8.contains(0)
    guard isConfined, parts.first != ".dioptra", path != ConfigurationFile.name else {
      throw DioptraError(
        "component '\(owner)' contributes the file \(path.quoted), which is not a path for components",
        remedy: "Use a path below the folder, without '.' and '..', outside .dioptra"
      )
    }
  }
}

extension Step.Action {
  /// The init service that the action needs.
  public var service: ServiceName? {
    switch self {
    case .run(let service, _), .start(let service, _), .execute(let service, _): service
    case .pull, .stop: nil
    }
  }
}

extension ContainerScript {
  /// The folder of all container-side scripts.
  public static let folder = "scripts"

  /// The argbash template and its processed twin.
  package var paths: [String] { ["\(Self.folder)/\(name).m4", "\(Self.folder)/\(name).sh"] }
}
