import DioptraKitCore
import Foundation
import Plugins

/// Takes over a folder: looks at it, asks where files do not agree, and records what it is.
struct Adopter {
  let folder: String
  let options: GlobalOptions
  let taken: [SecretName: String]

  private let now = Timestamp.now

  init(folder: String, options: GlobalOptions, taken: [SecretName: String]) {
    self.folder = folder
    self.options = options
    self.taken = taken
  }

  /// What `run` would do; writes nothing.
  func preview() async throws -> AdoptReport {
    guard try kind() != .deployment else { return AdoptReport(managed: folder) }
    return AdoptReport(try await adoption(in: ConfinedFolder(path: folder)), isDryRun: true)
  }

  /// Everything that can be refused has been refused before the first write.
  func run() async throws -> AdoptReport {
    let kind = try kind(recovering: true)
    guard kind != .deployment else {
      return AdoptReport(managed: folder, claims: try await lateClaims())
    }
    let folder = try ConfinedFolder(path: folder)
    try folder.refuseUnfinishedRestoration()
    let adoption = try await adoption(in: folder)
    var locks = [try FolderLock(in: folder, command: "dioptra adopt", now: now)]
    defer { withExtendedLifetime(locks) {} }
    if kind == nil, let place = try State.moveAside(in: folder) {
      locks.append(try FolderLock(in: folder, command: "dioptra adopt", now: now))
      Output.note("Note: \(State.file) is of no use. Everything in \(State.folder) is in \(place) now.")
    }
    let state = try State(
      creatingIn: folder,
      deployment: ReferenceDeployment.committedIdentity(in: folder)?.deployment ?? Identity.newName(),
      now: now)
    try await state.recording(.current) { record in
      if try Adoption.isBegun(state) {
        _ = try record.begin()
        try Adoption.finish(in: folder, state, now: now)
      } else {
        try adoption.apply(to: state, run: record.begin(), now: now)
      }
    }
    return AdoptReport(adoption, isDryRun: false)
  }

  /// A folder that was adopted where no engine was claims its volumes as soon as there is one.
  private func lateClaims() async throws -> [String] {
    let hold = try DeploymentHold(folder: ConfinedFolder(path: folder), options, command: "dioptra adopt")
    guard case .usable(let engine) = try await Platforms.standard.engine(for: hold.deployment) else { return [] }
    return try await hold.state.recording(.current) { record in
      try await AdoptionSurvey.claim(
        for: hold.deployment, in: hold.folder, hold.state, on: engine, run: record.begin(), now: now)
    }
  }

  /// nil where State is there and of no use.
  private func kind(recovering: Bool = false) throws -> DeploymentFolder.Kind? {
    guard DeploymentFolder.isFolder(folder) else {
      throw DioptraError("\(folder) is no folder", remedy: "Give the folder of a deployment")
    }
    let place = try ConfinedFolder(path: folder)
    do {
      let kind = try DeploymentFolder.kind(of: folder, recovering: recovering)
      if kind == .deployment { try State(readingIn: place)?.checkIntegrity() }
      return kind
    } catch let error as DioptraError where State.isDamage(error, in: place.path) {
      return nil
    }
  }

  private func adoption(in folder: ConfinedFolder) async throws -> Adoption {
    let registry = try ReferenceDeployment.registry()
    let figures = try ReferenceDeployment.figures(json: Self.otherFigures())
    let committed = try ReferenceDeployment.committedIdentity(in: folder)
    var taken = taken
    while true {
      do {
        let adoption = try Adoption(
          of: folder, registry: registry, figures: figures, committed: committed, taking: taken)
        var survey = try await survey(adoption)
        try await survey.ask(Platforms.standard, about: adoption)
        return try Adoption(
          of: folder, registry: registry, figures: figures, committed: committed, taking: taken, survey: survey)
      } catch let disagreements as SecretDisagreements {
        guard options.mayAsk else { throw disagreements.error }
        for disagreement in disagreements.all { taken[disagreement.secret] = try place(disagreement) }
      }
    }
  }

  private func survey(_ adoption: Adoption) async throws -> AdoptionSurvey {
    switch try await AdoptionSurvey.engine(for: adoption, on: Platforms.standard) {
    case .usable(let engine): try await AdoptionSurvey(of: adoption, on: engine)
    case .notInstalled: AdoptionSurvey(without: "Docker is not installed here")
    case .unusable(let error): AdoptionSurvey(without: error.problem)
    }
  }

  /// Asks which place of a secret is right.
  private func place(_ disagreement: SecretDisagreements.Disagreement) throws -> String {
    let choices = disagreement.groups.enumerated().map { "  \($0.offset + 1)  \($0.element.joined(separator: ", "))\n" }
    let question = "\nThe secret \(disagreement.secret) is not the same everywhere:\n\(choices.joined())"
    Terminal.show(question)
    while true {
      guard let line = try Terminal.answer(to: "Which one does the deployment run with? ") else {
        throw DioptraError(
          "the input ended before \(disagreement.secret) was decided", remedy: "Use --take", exitCode: .interrupted)
      }
      if let number = Int(line.trimmingCharacters(in: .whitespaces)), disagreement.groups.indices.contains(number - 1) {
        return disagreement.groups[number - 1][0]
      }
    }
  }

  /// Tests bring figures of their own folders. Only debug builds listen.
  private static func otherFigures() throws -> String? {
    #if DEBUG
      guard let path = getenv("DIOPTRA_REFERENCE_FIGURES").map({ String(cString: $0) }) else { return nil }
      return try String(contentsOfFile: path, encoding: .utf8)
    #else
      return nil
    #endif
  }
}
