public import DioptraModel
internal import DioptraSystem

extension Deployment {
  /// What the deployment is written in.
  public var dialect: any PlatformDialect { configuration.dialect }

  /// A volume's name on the engine.
  package func volumeName(_ name: VolumeName) -> String {
    context.name(of: name).visible
  }

  /// The names, on the engine, of the volumes that the running deployment uses.
  package var lastingVolumes: [String] {
    blueprint.volumes.filter { $0.lifetime == .deployment }.map { volumeName($0.name) }
  }

  /// A network's name on the engine.
  package func networkName(_ network: Network) -> String {
    context.name(of: network).visible
  }

  /// The characters of texts without secrets.
  package func plainTexts(_ texts: [Text]) throws -> [String] {
    try texts.map { try renderer.resolved($0).visible }
  }

  /// The init service of a step.
  package func initService(_ name: ServiceName) -> Service? {
    blueprint.initServices.first { $0.name == name }?.value
  }

  /// The images of the deployment and its initialisation, each once.
  package func images() throws -> [String] {
    try plainTexts((blueprint.services + blueprint.initServices).map(\.image)).reduce(into: []) { images, image in
      if !images.contains(image) { images.append(image) }
    }
  }

  /// The name that the platform has for a service of the running deployment.
  package func serviceName(_ name: ServiceName) -> String {
    context.name(of: name).visible
  }

  /// The name of a service without what the platform adds to it.
  package func shortName(of service: String) -> String {
    let prefix = serviceName("")
    return service.hasPrefix(prefix) ? String(service.dropFirst(prefix.count)) : service
  }

  /// The images of the running services, by the names that the platform has for these.
  package func serviceImages() throws -> [String: String] {
    try Dictionary(
      uniqueKeysWithValues: blueprint.services.map { (serviceName($0.name), try plainTexts([$0.image])[0]) })
  }

  /// Represents the image and the arguments of a step; nil for a step that runs nothing.
  package func callDigest(of step: Step) -> String? {
    let (name, arguments): (ServiceName, [Text])
    switch step.action {
    case .run(let service, let texts), .execute(let service, let texts): (name, arguments) = (service, texts)
    case .start(let service, _): (name, arguments) = (service, [])
    case .fetch, .stop: return nil
    }
    guard let service = initService(name),
      let call = try? plainTexts([service.image] + service.command + arguments)
    else { return nil }
    return Digest(of: call.joined(separator: "\0")).hexadecimal
  }
}
