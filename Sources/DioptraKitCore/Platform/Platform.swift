public import DioptraModel
public import DioptraRendering

/// What deployments run on, such as Compose on the engine of one host. Operations know a platform by this and no more.
public protocol Platform: Sendable {
  /// What deployments are written in.
  var dialect: any PlatformDialect { get }

  /// Looks for the engine that a deployment runs on.
  ///
  /// - Throws: `CancellationError`. That there is no engine, or none that can be used, is an answer.
  func engine(for deployment: Deployment, called call: EngineCall) async throws -> Availability

  /// How the deployment's configuration has the engine called; nil for the way that is usual.
  func ownCall(of deployment: Deployment) -> String?

  /// What the platform itself reads in the deployment's folder, the user's own files among it. It needs no engine.
  ///
  /// - Returns: nil where nothing is installed that reads the files.
  /// - Throws: `DioptraError`, without secrets, where the files cannot be read; `CancellationError`.
  func project(of deployment: Deployment, hiding secrets: SecretValues) async throws -> MergedProject?

  /// The same of a folder that is about to be adopted.
  ///
  /// - Parameter folder: The absolute path, whatever folder the deployment names.
  func project(adopting deployment: Deployment, in folder: String) async throws -> MergedProject?
}

extension Platform {
  /// Looks for the engine that a deployment runs on, as its configuration says.
  public func engine(for deployment: Deployment) async throws -> Availability {
    try await engine(for: deployment, called: .asConfigured)
  }
}

/// How a platform calls its engine.
public enum EngineCall: Equatable, Sendable {
  /// As the deployment's configuration says, from its folder.
  case asConfigured
  /// As the configuration says, from another folder that is there.
  case from(folder: String)
  /// In the way that is usual: nothing that the configuration names is run, because it is not yet agreed to.
  case plainly
}
