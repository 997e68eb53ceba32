/// What decides whether a step has to run again: each input by name, with what stands for its value.
struct StepInputs: Codable, Equatable, Sendable {
  /// Digests, versions and values; never a secret.
  let values: [String: String]
  /// The volumes that the step leaves something in, by the engine's names.
  let volumes: [String]

  /// - Parameters:
  ///   - folder: Where the files are read: what the user made of them counts.
  init(of step: Step, in deployment: Deployment, folder: FolderPreview, secretVersions: [SecretName: Int]) throws {
    var values: [String: String] = [:]
    var volumes: [String] = []
    for input in step.inputs {
      switch input {
      case .file(let path): values[path] = try folder.digest(of: path)
      case .variable(let name): values[name.rawValue] = deployment.configuration[name]
      case .setting(let name): values[name] = try folder.settingDigest(name, deployment: deployment)
      case .secret(let name): values["secret \(name)"] = "version \(secretVersions[name] ?? 0)"
      case .volume(let name): volumes.append(deployment.volumeName(name))
      }
    }
    if let call = deployment.callDigest(of: step) { values[Self.call] = call }
    self.values = values
    self.volumes = volumes
  }

  /// The image and the arguments that the step runs.
  static let call = "what it runs"
}

extension Deployment {
  /// A volume's name on the engine.
  func volumeName(_ name: VolumeName) -> String {
    "\(configuration[Renderer.slugVariable])_\(name)"
  }

  /// The names, on the engine, of the volumes that the running deployment uses.
  var lastingVolumes: [String] {
    blueprint.volumes.filter { $0.lifetime == .deployment }.map { volumeName($0.name) }
  }

  /// A network's name on the engine.
  func networkName(_ network: Network) -> String {
    "\(configuration[Renderer.slugVariable])_\(network.name)"
  }

  /// The characters of a text that holds no secret.
  func words(_ texts: [Text]) throws -> [String] {
    try texts.map { MarkedText.visible(try renderer.marked($0)) }
  }

  /// The init service of a step.
  func initService(_ name: ServiceName) -> Service? {
    blueprint.initServices.first { $0.name == name }?.value
  }

  /// The images that the deployment's containers and those of its initialisation are made of, each once.
  func images() throws -> [String] {
    try words((blueprint.services + blueprint.initServices).map(\.image)).reduce(into: []) { images, image in
      if !images.contains(image) { images.append(image) }
    }
  }

  /// The images of the running services, by the names that Compose has for these.
  func serviceImages() throws -> [String: String] {
    let slug = configuration[Renderer.slugVariable]
    return try Dictionary(
      uniqueKeysWithValues: blueprint.services.map { ("\(slug)-\($0.name)", try words([$0.image])[0]) })
  }

  /// What stands for the image and the arguments of a step; nil for one that runs nothing.
  func callDigest(of step: Step) -> String? {
    let (name, arguments): (ServiceName, [Text])
    switch step.action {
    case .run(let service, let words), .execute(let service, let words): (name, arguments) = (service, words)
    case .start(let service, _): (name, arguments) = (service, [])
    case .pull, .stop: return nil
    }
    guard let service = initService(name),
      let words = try? self.words([service.image] + service.command + arguments)
    else { return nil }
    return Digest(of: words.joined(separator: "\0")).hexadecimal
  }
}

extension FolderPreview {
  /// What stands for the value of a line of `.env` without telling it; `absent` for no such line.
  fileprivate func settingDigest(_ name: String, deployment: Deployment) throws -> String {
    let bytes = try read(Setting.file) ?? []
    // What Compose could not read counts as another value; Compose says so itself.
    let settings = try? EnvironmentText(bytes)
    guard let settings, let found = try? settings.value(of: name) ?? "" else { return Digest(of: bytes).hexadecimal }
    guard settings.names.contains(name) else { return "absent" }
    let value = found
    return Digest(of: "\(deployment.context.identity.deployment)\0\(name)\0\(value)").hexadecimal
  }
}
