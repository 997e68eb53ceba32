public import DioptraModel
public import DioptraRendering

/// What deployments run on, such as Compose on one host's engine. Operations only know this protocol.
public protocol Platform: Sendable {
  /// What deployments are written in.
  var dialect: any PlatformDialect { get }

  /// Looks for the engine that a deployment runs on.
  ///
  /// - Throws: `CancellationError`. A missing or unusable engine is a result, not an error.
  func engine(for deployment: Deployment, called call: EngineCall) async throws -> Availability

  /// The command that the configuration sets for the engine; nil for the default.
  func ownCall(of deployment: Deployment) -> String?

  /// What the platform reads in the deployment's folder, including the user's own files. Needs no engine.
  ///
  /// - Returns: nil if no program is installed that can read the files.
  /// - Throws: `DioptraError`, without secrets, if the files cannot be read; `CancellationError`.
  func project(of deployment: Deployment, hiding secrets: SecretValues) async throws -> MergedProject?

  /// The same for a folder that is to be adopted.
  ///
  /// - Parameter folder: The absolute path, whatever folder the deployment names.
  func project(adopting deployment: Deployment, in folder: String) async throws -> MergedProject?

  /// The proxies that the engine's client gives to every container by itself; nil if it gives none.
  var clientProxies: ClientProxies? { get }
}

extension Platform {
  /// By default none.
  public var clientProxies: ClientProxies? { nil }

  /// Looks for the engine that a deployment runs on, as its configuration says.
  public func engine(for deployment: Deployment) async throws -> Availability {
    try await engine(for: deployment, called: .asConfigured)
  }
}

/// How a platform runs its engine.
public enum EngineCall: Equatable, Sendable {
  /// As the deployment's configuration says, in its folder.
  case asConfigured
  /// As the configuration says, in another existing folder.
  case from(folder: String)
  /// In the default way: nothing that the configuration names is run, because it is not trusted yet.
  case plainly
}
