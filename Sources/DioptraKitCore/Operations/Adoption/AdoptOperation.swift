public import DioptraModel
internal import DioptraPlatform
internal import DioptraState
internal import DioptraSystem

/// Takes over a folder that the reference template made: looks at it, and records what it is.
public struct AdoptOperation {
  /// What was found, or done.
  public enum Report {
    /// The deployment was managed already; volumes that it claims only now, by the engine's names.
    case managed(claims: [String])
    case adopted(Adoption)
  }

  /// Decides which place of each secret is right whose places do not agree.
  public typealias Decision = (SecretDisagreements) throws -> [SecretName: String]

  private let path: String
  private let figures: ReferenceFigures
  private let taken: [SecretName: String]
  private let context: OperationContext
  private let now: Timestamp

  /// - Parameters:
  ///   - path: The absolute path of the folder.
  ///   - figures: What the reference template writes.
  ///   - taken: For secrets that do not agree: the place that is right, as `PATH` or `PATH:NAME`.
  public init(
    _ path: String, figures: ReferenceFigures, taking taken: [SecretName: String], in context: OperationContext
  ) {
    self.path = path
    self.figures = figures
    self.taken = taken
    self.context = context
    now = context.now()
  }

  /// What `run` would do; writes nothing.
  public func preview(deciding decide: Decision) async throws -> Report {
    guard try kind() != .deployment else { return .managed(claims: []) }
    return .adopted(try await adoption(in: ConfinedFolder(path: path), decide))
  }

  /// Everything that can be refused has been refused before the first write.
  public func run(deciding decide: Decision) async throws -> Report {
    let kind = try kind(recovering: true)
    guard kind != .deployment else { return .managed(claims: try await lateClaims()) }
    let folder = try ConfinedFolder(path: path)
    try folder.refuseUnfinishedRestoration()
    let adoption = try await adoption(in: folder, decide)
    // The lock of a State that is moved aside goes with it; a new one is taken where it stood.
    var former: FolderLock?
    defer { withExtendedLifetime(former) {} }
    if kind == nil {
      former = try FolderLock(in: folder, command: Self.command, now: now)
      if let place = try State.moveAside(in: folder) {
        context.observer.note("\(State.file) is of no use. Everything in \(State.folder) is in \(place) now.")
      } else {
        former = nil
      }
    }
    let session = try DeploymentSession(beginning: Self.command, in: folder, now: now) {
      try State(
        creatingIn: folder, deployment: context.committedIdentity(folder)?.deployment ?? Identity.newName(), now: now)
    }
    try await session.state.recording(context.caller) { record in
      if try Adoption.isBegun(session.state) {
        _ = try record.begin()
        try Adoption.finish(in: folder, session.state, now: now)
      } else {
        try adoption.apply(to: session.state, run: record.begin(), now: now)
      }
    }
    return .adopted(adoption)
  }

  private static let command = "dioptra adopt"

  /// A folder that was adopted where no engine was claims its volumes as soon as there is one.
  private func lateClaims() async throws -> [String] {
    let session = try ConfiguredSession(
      writing: Self.command, in: ConfinedFolder(path: path), context)
    guard case .usable(let engine) = try await session.view.availability() else { return [] }
    return try await session.state.recording(context.caller) { record in
      try await AdoptionSurvey.claim(
        for: session.deployment, in: session.folder, session.state, on: engine, run: record.begin(), now: now)
    }
  }

  /// nil where State is there and of no use.
  private func kind(recovering: Bool = false) throws -> DeploymentFolder.Kind? {
    guard DeploymentFolder.isFolder(path) else {
      throw DioptraError(.pathInvalid, "\(path) is not a folder", remedy: "Give the folder of a deployment")
    }
    let place = try ConfinedFolder(path: path)
    do {
      let kind = try DeploymentFolder.kind(of: path, recovering: recovering)
      if kind == .deployment { try State(readingIn: place)?.checkIntegrity() }
      return kind
    } catch let error as DioptraError where error.code == .stateDamaged {
      return nil
    }
  }

  private func adoption(in folder: ConfinedFolder, _ decide: Decision) async throws -> Adoption {
    let committed = try context.committedIdentity(folder)
    var taken = taken
    while true {
      do {
        let adoption = try Adoption(
          of: folder, registry: context.registry, figures: figures, committed: committed, taking: taken)
        var survey = try await survey(adoption)
        try await survey.ask(context.platform, about: adoption)
        return try Adoption(
          of: folder, registry: context.registry, figures: figures, committed: committed, taking: taken, survey: survey)
      } catch let disagreements as SecretDisagreements {
        taken.merge(try decide(disagreements)) { $1 }
      }
    }
  }

  private func survey(_ adoption: Adoption) async throws -> AdoptionSurvey {
    switch try await AdoptionSurvey.engine(for: adoption, on: context.platform) {
    case .usable(let engine): try await AdoptionSurvey(of: adoption, on: engine)
    case .notInstalled: AdoptionSurvey(without: "Docker is not installed here")
    case .unusable(let error): AdoptionSurvey(without: error.problem)
    }
  }
}
