internal import DioptraModel
package import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem
internal import FoundationEssentials
internal import Synchronization

/// The Compose project of the deployment's containers.
///
/// The deployment's files name one. Containers that were started under another name, by an earlier version of the files
/// or by hand, keep theirs until they are stopped; nothing is started beside them.
extension DockerEngine {
  /// The same engine, working in the project that the folder's services run in; unchanged if none run.
  package func joined(to containers: [ContainerFacts]) -> DockerEngine {
    let own = containers.filter { container in
      container.service?.hasPrefix(docker.servicePrefix) == true
        && container.workingDirectory.map { DeploymentFolder.isSame($0, docker.folder) } == true
    }
    // If there are two projects of one folder, its files decide.
    guard let project = own.first?.project, own.allSatisfy({ $0.project == project }) else { return self }
    return called(by: docker.working(in: project))
  }

  /// The project in which Compose works.
  package func projectName() async throws -> String {
    if let project = docker.project ?? named.name { return project }
    let config = try await docker.composeCommand(.initializing, ["config", "--format", "json"]).outcome()
    guard config.succeeded, let project = try? JSONDecoder().decode(NamedProject.self, from: Data(config.output.utf8))
    else {
      throw DioptraError(
        .projectInvalid, "Compose cannot read docker-compose.init.yml: \(config.errors.lastLine)",
        remedy: "Correct \(edit: "docker-compose.init.yml")", "See what was changed with \(dioptra: "status")")
    }
    named.name = project.name
    return project.name
  }

  /// The project that the folder's files name. Compose is asked once.
  final class NamedProjectMemo: Sendable {
    private let value = Mutex<String?>(nil)

    var name: String? {
      get { value.withLock { $0 } }
      set { value.withLock { $0 = newValue } }
    }
  }

  private struct NamedProject: Decodable {
    let name: String
  }
}
