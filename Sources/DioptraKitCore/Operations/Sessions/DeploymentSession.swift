internal import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A deployment opened for writing; other writers wait until the session ends.
///
/// Every operation opens it in the same order: refuse an unfinished restoration, take the lock, open State, and check
/// the folder's place. Nothing else opens State for writing.
public struct DeploymentSession {
  /// The deployment's folder.
  public var folder: ConfinedFolder { place.folder }
  /// The deployment's database, also if it could only be opened for reading; see `Exceptions.unrecorded`.
  public let state: State
  private let place: WritableFolder

  /// What an operation can do without.
  public struct Exceptions: OptionSet, Sendable {
    /// One bit for each exception.
    public let rawValue: Int

    /// - Parameter rawValue: One bit for each exception; the static members are the defined ones.
    public init(rawValue: Int) {
      self.rawValue = rawValue
    }

    /// It works on a partially restored deployment.
    public static let duringRestoration = Self(rawValue: 1 << 0)
    /// It works even if the folder or State cannot be written; see `State.recordingIfPossible`.
    public static let unrecorded = Self(rawValue: 1 << 1)
    /// It works in a copy of another deployment's folder, which it only reads.
    public static let inCopy = Self(rawValue: 1 << 2)
  }

  /// Opens a deployment with State.
  ///
  /// - Parameter command: The command's name in messages to others, such as `dioptra upgrade`.
  /// - Throws: `DioptraError` for a folder without State, in use, being restored, or a copy.
  public init(
    writing command: String, in folder: ConfinedFolder, now: Timestamp, allowing exceptions: Exceptions = []
  ) throws {
    func ifPossible<Value>(_ body: () throws -> Value) throws -> Value? {
      do {
        return try body()
      } catch let error as DioptraError where exceptions.contains(.unrecorded) && error.exitCode != .locked {
        return nil
      }
    }
    let place = try WritableFolder(folder, for: command, now: now, allowing: exceptions, needsState: true)
    self.place = place
    state = try ifPossible { try place.state(now: now) } ?? folder.recordedState()
    guard !exceptions.contains(.inCopy) else { return }
    if let error = try state.copyRefusal(in: folder) { throw error }
    _ = try ifPossible { try state.settle(in: folder, now: now) }
  }

  /// Opens a deployment, or creates one in a folder without State.
  ///
  /// - Parameters:
  ///   - begin: Opens State, once the lock is held.
  init(
    beginning command: String, in folder: ConfinedFolder, now: Timestamp, allowing exceptions: Exceptions = [],
    _ begin: (WritableFolder) async throws -> State
  ) async throws {
    place = try WritableFolder(folder, for: command, now: now, allowing: exceptions)
    state = try await begin(place)
  }
}

/// A deployment opened for writing, with its configuration.
public struct ConfiguredSession {
  /// The opened folder and its State.
  public let session: DeploymentSession
  /// The configuration, read before the session began.
  public let view: DeploymentView

  /// The deployment's folder.
  public var folder: ConfinedFolder { session.folder }
  /// The deployment's database.
  public var state: State { session.state }
  /// The deployment as `dioptra.yaml` describes it.
  public var deployment: Deployment { view.deployment }

  /// - Throws: As `DeploymentSession`; `DioptraError` for an invalid configuration.
  public init(
    writing command: String, in folder: ConfinedFolder, _ context: OperationContext,
    allowing exceptions: DeploymentSession.Exceptions = []
  ) throws {
    // Unreadable files are refused before others have to wait.
    let view = try DeploymentView(of: folder, in: context, recovering: true)
    session = try DeploymentSession(writing: command, in: folder, now: context.now(), allowing: exceptions)
    self.view = view
  }

  /// The engine that the deployment runs on.
  ///
  /// - Throws: `DioptraError` if there is none.
  public func engine() async throws -> any Engine { try await view.engine() }

  /// The services, for starting and stopping.
  public func lifecycle() async throws -> Lifecycle {
    try Lifecycle(of: deployment, in: folder, state, on: try await engine())
  }
}
