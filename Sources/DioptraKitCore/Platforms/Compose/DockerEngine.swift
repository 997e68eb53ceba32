internal import DioptraModel
public import DioptraPlatform
internal import DioptraRendering
package import DioptraSystem

/// The Docker engine of this host. Questions go to its interface (`EngineAPI`); Docker's command line, which knows
/// contexts and permissions, says where that is, and runs Compose.
public struct DockerEngine: Engine {
  /// The label of a deployment's init containers and volumes; its value is the deployment's id.
  public static let deploymentLabel = "org.dioptrakit.deployment"

  /// The label that identifies a volume created by dioptra; its value is random.
  package static let volumeLabel = "org.dioptrakit.volume"

  /// The engine's id.
  public let id: String
  /// Docker's version, such as `28.2.2`.
  public let version: String
  /// Compose's version, such as `2.26.1`.
  public let composeVersion: String
  /// The available container runtimes: `runc`, `nvidia`.
  public let runtimes: [String]
  /// The folder in which the engine keeps images and volumes.
  public let dataFolder: String?
  package let docker: DockerCommand
  let api: EngineAPI
  let named = NamedProjectMemo()

  /// Such as `Docker 28.2.2 with Compose 2.26.1`.
  public var summary: String { "Docker \(version) with Compose \(composeVersion)" }

  /// `Compose`.
  public var orchestrator: String { "Compose" }

  /// Before Docker 23 the time changes with the volume's content.
  public var tellsCreation: Bool { (Int(version.prefix { $0.isNumber }) ?? 0) >= 23 }

  /// The same engine with other calls.
  package func called(by docker: DockerCommand) -> DockerEngine {
    DockerEngine(
      id: id, version: version, composeVersion: composeVersion, runtimes: runtimes, dataFolder: dataFolder,
      docker: docker, api: api)
  }

  package func docker(_ arguments: String..., names: [String] = []) -> ExternalCommand {
    docker(arguments + names)
  }

  package func docker(_ arguments: [String]) -> ExternalCommand {
    docker.command(arguments)
  }
}

extension DockerEngine {
  /// - Parameter action: What was asked for, in the words of the engine's interface.
  func unanswered(_ action: String, _ answer: EngineAPI.Answer) -> DioptraError {
    DioptraError(
      .engineFailed, "the Docker engine refuses: \(action): \(answer.message.lastLine)", remedy: .checkDocker)
  }

  func unanswered(_ action: String, _ outcome: ExternalCommand.Outcome) -> DioptraError {
    DioptraError(.engineFailed, "`docker \(action)` failed: \(outcome.errors.lastLine)", remedy: .checkDocker)
  }

  /// Asks the engine's interface.
  ///
  /// - Throws: `DioptraError` if the engine does not answer, or not as it should; `CancellationError`.
  func ask<Value: Decodable>(
    _ path: String, _ query: [(name: String, value: String)] = [], as type: Value.Type = Value.self
  ) async throws -> Value {
    let answer = try await reaching { try await api.get(path, query) }
    guard answer.succeeded, let value = try? answer.decoded(type) else { throw unanswered("GET \(path)", answer) }
    return value
  }

  /// The same about something that may not exist.
  ///
  /// - Returns: nil if it does not.
  func askIfExists<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) async throws -> Value? {
    let answer = try await reaching { try await api.get(path) }
    if answer.status == 404 || answer.status == 400 { return nil }
    guard answer.succeeded, let value = try? answer.decoded(type) else { throw unanswered("GET \(path)", answer) }
    return value
  }

  /// - Throws: `DioptraError` if the engine does not answer; `CancellationError`.
  func reaching(_ call: () async throws -> EngineAPI.Answer) async throws -> EngineAPI.Answer {
    do {
      return try await call()
    } catch let fault as SystemFault {
      throw Self.silent(fault.words)
    } catch is HTTPResponseReader.Fault {
      throw Self.silent("the connection ended")
    }
  }

  private static func silent(_ words: String) -> DioptraError {
    DioptraError(.engineUnreachable, "the Docker engine does not answer: \(words)", remedy: .checkDocker)
  }
}
