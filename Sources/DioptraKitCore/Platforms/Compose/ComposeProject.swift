internal import DioptraModel
package import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem
internal import FoundationEssentials

/// Which Compose project the deployment's containers are in.
///
/// The deployment's files name one. Containers that were made under another name, by an earlier version of the files or by
/// a person, stay in theirs until they are stopped: nothing is started beside them.
extension DockerEngine {
  /// The same engine, called in the project that the folder's services run in; unchanged where none do.
  package func joined(to containers: [ContainerFacts]) -> DockerEngine {
    let own = containers.filter { container in
      container.service?.hasPrefix(docker.servicePrefix) == true
        && container.home.map { DeploymentFolder.isSame($0, docker.folder) } == true
    }
    // Two projects of one folder: what its files say decides.
    guard let project = own.first?.project, own.allSatisfy({ $0.project == project }) else { return self }
    return called(by: docker.working(in: project))
  }

  /// The name of the project that calls of Compose work in.
  package func projectName() async throws -> String {
    if let project = docker.project { return project }
    let config = try await docker.composeCommand(.initializing, ["config", "--format", "json"]).outcome()
    guard config.succeeded, let project = try? JSONDecoder().decode(NamedProject.self, from: Data(config.output.utf8))
    else {
      throw DioptraError(
        .composeInvalid, "Compose cannot read docker-compose.init.yml: \(config.errors.lastLine)",
        remedy: "Correct \(edit: "docker-compose.init.yml")", "See what was changed with \(dioptra: "status")")
    }
    return project.name
  }

  private struct NamedProject: Decodable {
    let name: String
  }
}
