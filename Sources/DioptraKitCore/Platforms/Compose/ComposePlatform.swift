public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
internal import DioptraSystem

/// Compose on the Docker engine of this host.
public struct ComposePlatform: Platform {
  /// Keeps nothing between calls: the engine is looked for each time.
  public init() {}

  /// The dialect of Compose.
  public var dialect: any PlatformDialect { ComposeDialect() }

  /// Asks Docker's command line where the engine is, and the engine what it is. One that does not answer within 30
  /// seconds is unusable.
  public func engine(for deployment: Deployment, called call: EngineCall) async throws -> Availability {
    let own = DockerCommand(for: deployment)
    let docker =
      switch call {
      case .asConfigured: own
      case .from(let folder): DockerCommand(own, in: folder)
      case .plainly: DockerCommand(own, in: "/", plainly: true)
      }
    return try await DockerEngine.find(docker)
  }

  /// The variable `docker_compose_path`; nil if it is the default, `docker compose`.
  public func ownCall(of deployment: Deployment) -> String? {
    let arguments = DockerCommand.arguments(in: deployment.configuration)
    return arguments == DockerCommand.plainArguments ? nil : arguments.joined(separator: " ")
  }

  /// What `docker compose config` says; nil if the program that the deployment calls is not installed.
  public func project(of deployment: Deployment, hiding secrets: SecretValues) async throws -> MergedProject? {
    try await ComposeReading.read(by: DockerCommand(for: deployment), hiding: secrets)?.project
  }

  /// The same in another folder; nil also if Compose does not work.
  public func project(adopting deployment: Deployment, in folder: String) async throws -> MergedProject? {
    let docker = DockerCommand(DockerCommand(for: deployment), in: folder)
    return try await ComposeReading.read(adoptingWith: docker)?.project
  }

  /// Those in the settings of Docker's client.
  public var clientProxies: ClientProxies? { ClientSettings.proxies() }
}

extension DockerEngine {
  /// The Compose project that the folder's services run in; if none run, the one that the files name.
  public func project() async throws -> String { try await projectName() }

  /// The same engine, whose Compose works in another project.
  public func working(in project: String) -> any Engine { called(by: docker.working(in: project)) }

  /// The same engine, called as the deployment's configuration says, in its folder.
  public func serving(_ deployment: Deployment) -> any Engine { called(by: DockerCommand(for: deployment)) }

  /// Runs steps through Compose, in the services of `docker-compose.init.yml`.
  public func executor(for deployment: Deployment) -> any StepExecutor {
    PreparedSteps(ComposeExecutor(docker: self, deployment: deployment))
  }

  /// The services through Compose, with the user's `docker-compose.override.yml`.
  public func services(of deployment: Deployment, hiding secrets: SecretValues) -> any RunningServices {
    ComposeRunningServices(of: deployment, on: self, secrets: secrets)
  }

  /// A call of `docker`; to remove all volumes of a deployment, one of `sh`.
  public func command(_ action: ManualAction) -> [String] {
    switch action {
    case .stopContainer(let name): ["docker", "stop", name]
    case .removeContainer(let name): ["docker", "rm", name]
    case .removeProject(let name): ["docker", "compose", "-p", name, "down"]
    case .removeInitServices: ["docker", "compose", "-f", ComposeDialect.initFile, "down"]
    case .removeVolume(let name): ["docker", "volume", "rm", name]
    case .removeVolumes(let deployment):
      [
        "sh", "-c",
        "docker volume ls --quiet --filter label=\(Self.deploymentLabel)=\(deployment) | xargs docker volume rm",
      ]
    case .showContainers(let volume): ["docker", "ps", "--all", "--filter", "volume=\(volume)"]
    case .loadImage: ["docker", "load"]
    case .fetchImage(let name): ["docker", "pull", name]
    case .logIn(let image): ["docker", "login"] + (ImageReference(image).registry.map { [$0] } ?? [])
    case .trustRegistry(let image):
      [
        "sudo", "install", "-D", "--mode=644", "CA.crt",
        "/etc/docker/certs.d/\(ImageReference(image).registry ?? "registry-1.docker.io")/ca.crt",
      ]
    case .showSpace: ["docker", "system", "df"]
    }
  }
}
