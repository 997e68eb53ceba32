internal import DioptraModel
internal import DioptraSystem

/// The two Compose files: the same blueprint as services that run, and as services that initialise.
struct ComposeDocument {
  let scene: ComposeScene
  /// The component that owns the file.
  let owner: ComponentID
  private var blueprint: Blueprint { scene.blueprint }

  /// `docker-compose.yml`
  func running() throws -> Text {
    let devices = deviceNumbers()
    return document(
      header: [
        "The running deployment. Written by dioptra from dioptra.yaml.",
        "Put local changes into docker-compose.override.yml: they survive every update.",
      ],
      services: try blueprint.services.map { service in
        YAMLNode.Entry(
          key: scene.context.name(of: service.name),
          value: .map(
            try ComposeService(service: service.value, scene: scene).running(device: devices[service.name])),
          comment: [service.summary], isSpaced: true, owner: service.owner)
      },
      volumes: blueprint.volumes.filter { $0.lifetime == .deployment })
  }

  /// `docker-compose.init.yml`
  func initializing() throws -> Text {
    document(
      header: [
        "Services that exist only while the deployment is initialised: they share the volumes of the running one.",
        "Never start them while the deployment runs; init-deployment.sh takes care of that.",
      ],
      services: try blueprint.initServices.map { service in
        YAMLNode.Entry(
          key: Text(service.name.rawValue),
          value: .map(try ComposeService(service: service.value, scene: scene).initializing()),
          comment: [service.summary], isSpaced: true, owner: service.owner)
      },
      volumes: blueprint.volumes.filter { $0.lifetime == .initialization }
        + blueprint.volumes.filter { $0.lifetime == .deployment })
  }

  private func document(header: [String], services: [YAMLNode.Entry], volumes: [Owned<Volume>]) -> Text {
    let networks = blueprint.networks.map { network in
      YAMLNode.Entry(network.name, .map([named(scene.context.name(of: network.value))]), owner: network.owner)
    }
    let volumes = volumes.map { volume in
      YAMLNode.Entry(
        volume.name.rawValue, .map([named(scene.context.name(of: volume.name)), label]), comment: volume.summary,
        isSpaced: true,
        owner: volume.owner)
    }
    var emitter = YAMLEmitter()
    emitter.emit([
      // Two folders with one name would be one project, and each would remove the other's containers.
      YAMLNode.Entry("name", .string(scene.context.deploymentPrefix)),
      YAMLNode.Entry("networks", .map(networks), isSpaced: true),
      YAMLNode.Entry("services", .map(services), isSpaced: true, owner: owner),
      YAMLNode.Entry("volumes", .map(volumes), isSpaced: true, owner: owner),
    ])
    return Text(header.map { "# \($0)\n" }.joined() + "\n") + emitter.text
  }

  private func named(_ name: Text) -> YAMLNode.Entry {
    YAMLNode.Entry("name", .string(name))
  }

  private var label: YAMLNode.Entry {
    YAMLNode.Entry("labels", .map([Self.labelEntry(scene)]))
  }

  static func labelEntry(_ scene: ComposeScene) -> YAMLNode.Entry {
    YAMLNode.Entry(DockerEngine.deploymentLabel, .quoted(Text(scene.context.identity.deployment)))
  }

  /// One counter for all services that ask for an accelerator of the same kind.
  private func deviceNumbers() -> [ServiceName: Int] {
    var next: [Accelerator: Int] = [:]
    var numbers: [ServiceName: Int] = [:]
    for service in blueprint.services {
      guard let accelerator = service.accelerator else { continue }
      numbers[service.name] = next[accelerator, default: 0]
      next[accelerator, default: 0] += 1
    }
    return numbers
  }
}
