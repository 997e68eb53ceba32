public import DioptraModel
public import DioptraPlatform
public import DioptraRendering
internal import DioptraSystem

/// Compose on the Docker engine of this host.
public struct ComposePlatform: Platform {
  public init() {}

  public var dialect: any PlatformDialect { ComposeDialect() }

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

  public func ownCall(of deployment: Deployment) -> String? {
    let arguments = DockerCommand.arguments(in: deployment.configuration)
    return arguments == DockerCommand.plainArguments ? nil : arguments.joined(separator: " ")
  }

  public func project(of deployment: Deployment, hiding secrets: SecretValues) async throws -> MergedProject? {
    try await ComposeReading.read(by: DockerCommand(for: deployment), hiding: secrets)?.project
  }

  public func project(adopting deployment: Deployment, in folder: String) async throws -> MergedProject? {
    let docker = DockerCommand(DockerCommand(for: deployment), in: folder)
    return try await ComposeReading.read(adoptingWith: docker)?.project
  }
}

extension DockerEngine {
  public func project() async throws -> String { try await projectName() }

  public func working(in project: String) -> any Engine { called(by: docker.working(in: project)) }

  public func serving(_ deployment: Deployment) -> any Engine { called(by: DockerCommand(for: deployment)) }

  public func executor(for deployment: Deployment) -> any StepExecutor {
    ComposeExecutor(docker: self, deployment: deployment)
  }

  public func services(of deployment: Deployment, hiding secrets: SecretValues) -> any RunningServices {
    ComposeRunningServices(of: deployment, on: self, secrets: secrets)
  }

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
    case .showSpace: ["docker", "system", "df"]
    }
  }
}
