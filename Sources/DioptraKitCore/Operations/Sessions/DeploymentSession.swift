internal import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// A deployment opened for writing; others that write wait until it ends.
///
/// Opening goes through the same steps in the same order for every operation: an unfinished restoration is refused, the
/// lock is taken, State is opened, and the place of the folder is settled. Nothing else opens State for writing.
public struct DeploymentSession {
  public var folder: ConfinedFolder { place.folder }
  public let state: State
  private let place: WritableFolder

  /// What an operation may do without.
  public struct Exceptions: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) {
      self.rawValue = rawValue
    }

    /// It is of use while a deployment is restored by half.
    public static let duringRestoration = Self(rawValue: 1 << 0)
    /// It is of use where the folder cannot be written, or with a State that takes nothing; see
    /// `State.recordingIfPossible`.
    public static let unrecorded = Self(rawValue: 1 << 1)
    /// It is of use in a copy of another deployment's folder, since it only reads that.
    public static let inCopy = Self(rawValue: 1 << 2)
  }

  /// Opens a deployment that has State.
  ///
  /// - Parameter command: What others that wait are told, such as `dioptra upgrade`.
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

  /// Opens a deployment, or begins one in a folder without State.
  ///
  /// - Parameters:
  ///   - begin: Opens State, once the lock is there.
  init(
    beginning command: String, in folder: ConfinedFolder, now: Timestamp, allowing exceptions: Exceptions = [],
    _ begin: (WritableFolder) async throws -> State
  ) async throws {
    place = try WritableFolder(folder, for: command, now: now, allowing: exceptions)
    state = try await begin(place)
  }
}

/// A deployment opened for writing, with what its `dioptra.yaml` says it should be.
public struct ConfiguredSession {
  public let session: DeploymentSession
  public let view: DeploymentView

  public var folder: ConfinedFolder { session.folder }
  public var state: State { session.state }
  public var deployment: Deployment { view.deployment }

  /// - Throws: As `DeploymentSession`; `DioptraError` for a configuration that cannot be.
  public init(
    writing command: String, in folder: ConfinedFolder, _ context: OperationContext,
    allowing exceptions: DeploymentSession.Exceptions = []
  ) throws {
    // What cannot be read is refused before others have to wait.
    let view = try DeploymentView(of: folder, in: context, recovering: true)
    session = try DeploymentSession(writing: command, in: folder, now: context.now(), allowing: exceptions)
    self.view = view
  }

  /// The engine that the deployment runs on.
  ///
  /// - Throws: `DioptraError` where there is none.
  public func engine() async throws -> any Engine { try await view.engine() }

  /// The services, to be started and stopped.
  public func lifecycle() async throws -> Lifecycle {
    try Lifecycle(of: deployment, in: folder, state, on: try await engine())
  }
}
