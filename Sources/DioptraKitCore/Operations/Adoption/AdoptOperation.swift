public import DioptraModel
internal import DioptraPlatform
internal import DioptraState
internal import DioptraSystem

/// Adopts a folder made by the reference template: inspects it and records what it is.
public struct AdoptOperation {
  /// What was found or done.
  public enum Report {
    /// The deployment was already managed; the volumes that are claimed by this run, by the engine's names.
    case managed(claims: [String])
    case adopted(Adoption)
  }

  /// Chooses the right value of each secret about which files disagree.
  public typealias Decision = (SecretDisagreements) throws -> [SecretName: String]

  private let path: String
  private let fingerprints: ReferenceFingerprints
  private let taken: [SecretName: String]
  private let context: OperationContext
  private let now: Timestamp

  /// - Parameters:
  ///   - path: The absolute path of the folder.
  /// - fingerprints: The fingerprints of the reference template.
  /// - taken: For secrets about which files disagree: the right place, as `PATH` or `PATH:NAME`.
  public init(
    _ path: String, fingerprints: ReferenceFingerprints, taking taken: [SecretName: String],
    in context: OperationContext
  ) {
    self.path = path
    self.fingerprints = fingerprints
    self.taken = taken
    self.context = context
    now = context.now()
  }

  /// What `run` would do; read-only.
  public func preview(deciding decide: Decision) async throws -> Report {
    guard try kind() != .deployment else { return .managed(claims: []) }
    return .adopted(try await adoption(in: ConfinedFolder(path: path), decide))
  }

  /// Everything is checked before the first write.
  public func run(deciding decide: Decision) async throws -> Report {
    let kind = try kind(recovering: true)
    guard kind != .deployment else { return .managed(claims: try await lateClaims()) }
    let folder = try ConfinedFolder(path: path)
    try folder.refuseUnfinishedRestoration()
    let adoption = try await adoption(in: folder, decide)
    // The lock moves aside with the old State; take a new one in its place.
    var former: WritableFolder?
    defer { withExtendedLifetime(former) {} }
    if kind == nil {
      former = try WritableFolder(folder, for: Self.command, now: now)
      if let place = try State.moveAside(in: folder) {
        context.observer.note("\(State.file) is unusable. \(State.folder) was moved to \(place).")
      } else {
        former = nil
      }
    }
    let session = try await DeploymentSession(beginning: Self.command, in: folder, now: now) { place in
      try place.state(orNew: context.committedIdentity(folder)?.deployment ?? Identity.newName(), now: now)
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

  /// A folder that was adopted without an engine claims its volumes as soon as there is one.
  private func lateClaims() async throws -> [String] {
    let session = try ConfiguredSession(
      writing: Self.command, in: ConfinedFolder(path: path), context)
    guard case .usable(let engine) = try await session.view.availability() else { return [] }
    return try await session.state.recording(context.caller) { record in
      try await AdoptionSurvey.claim(
        for: session.deployment, in: session.folder, session.state, on: engine, run: record.begin(), now: now)
    }
  }

  /// nil if State exists but is unusable.
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
          of: folder, registry: context.registry, fingerprints: fingerprints, committed: committed, taking: taken)
        var survey = try await survey(adoption)
        try await survey.ask(context.platform, about: adoption)
        return try Adoption(
          of: folder, registry: context.registry, fingerprints: fingerprints, committed: committed, taking: taken,
          survey: survey)
      } catch let disagreements as SecretDisagreements {
        taken.merge(try decide(disagreements)) { $1 }
      }
    }
  }

  private func survey(_ adoption: Adoption) async throws -> AdoptionSurvey {
    switch try await AdoptionSurvey.engine(for: adoption, on: context.platform) {
    case .usable(let engine): try await AdoptionSurvey(of: adoption, on: engine)
    case .notInstalled: AdoptionSurvey(without: context.registry.dialect.words.engineIsMissing)
    case .unusable(let error): AdoptionSurvey(without: error.problem)
    }
  }
}
