/// Brings a folder to what is wanted and loses nothing on the way: plan, commit to State, write, rename.
///
/// Once State has the plan, the deployment has its contents: a process that dies afterwards leaves files that are old or
/// new, and the next writing command tells which.
public struct FolderUpdate {
  /// The version of what the components of this program render. A change of it is what `upgrade` brings.
  public static let templateVersion = 1

  /// What is done at one path, for people and programs.
  public struct Step: Codable, Equatable, Sendable {
    public let path: String
    public let component: ComponentID
    public let action: Outcome
    /// Why the sides of a conflict do not fit together.
    public let reason: String?
  }

  let folder: ConfinedFolder
  let secrets: SecretValues
  private let applied: State.Generation?
  private let unfinished: State.Generation?
  private let deployment: Deployment
  private let configuration: String
  private let configurationBefore: [UInt8]?
  var decisions: [Reconciler.Decision] = []
  var sides: [String: Reconciler.Sides] = [:]

  /// Compares; writes nothing.
  ///
  /// - Parameters:
  ///   - configuration: The characters that `dioptra.yaml` is to have.
  ///   - adopted: What the folder was rendered from, where State does not know it.
  ///   - choice: What to do with every conflict.
  ///   - resolutions: What to do with the conflict at one path.
  public init(
    of folder: ConfinedFolder, to deployment: Deployment, state: State?, secrets: SecretValues, configuration: String,
    adopted: RenderedTree? = nil, choice: ConflictChoice = .stop, resolutions: [String: Resolution] = [:]
  ) throws {
    self.folder = folder
    self.secrets = secrets
    self.deployment = deployment
    self.configuration = configuration
    configurationBefore = try folder.read(ConfigurationFile.name)
    applied = try state?.appliedGeneration()
    unfinished = try state?.unfinishedGeneration()
    let bases = try Self.bases(applied, unfinished, state: state, adopted: adopted, in: folder, secrets: secrets)
    let reconciler = Reconciler(secrets: secrets)
    let wanted = Dictionary(uniqueKeysWithValues: deployment.tree.files.map { ($0.path, $0) })
    for path in Set(wanted.keys).union(bases.keys).sorted() {
      let file = wanted[path]
      let base = bases[path]
      let sides = Reconciler.Sides(
        path: path, component: file?.component ?? base?.component ?? "", base: base?.rendered, recorded: base?.recorded,
        desired: file.map { FileVersion(text: StoredText($0), mode: $0.permissions.mode) },
        actual: try folder.actual(path), showsSecrets: file.map { !$0.secrets.isEmpty } ?? false)
      self.sides[path] = sides
      var decision = try reconciler.decide(sides)
      let resolution = resolutions[path] ?? (choice == .stop ? nil : .choice(choice))
      if decision.outcome == .conflict, let resolution { try resolve(&decision, sides, resolution) }
      decisions.append(decision)
    }
    if let unknown = resolutions.keys.sorted().first(where: { sides[$0] == nil }) {
      throw DioptraError("\(unknown.quoted) is no file of this deployment", remedy: "Give the path of a conflict")
    }
  }

  /// The paths at which something happens or is undecided.
  public var steps: [Step] {
    decisions.filter { $0.outcome != .same && $0.outcome != .keep }.map {
      Step(path: $0.path, component: $0.component, action: $0.outcome, reason: $0.reason)
    }
  }

  /// The paths where the user's own version stays.
  public var kept: [String] { decisions.filter { $0.outcome == .keep }.map(\.path) }

  /// The paths that get both versions between marker lines, for a person to choose.
  public var marked: [String] {
    decisions.filter(\.isUndecided).map(\.path)
  }

  public var conflicts: [Step] { steps.filter { $0.action == .conflict } }

  /// Whether an earlier apply did not end.
  public var continuesUnfinished: Bool { unfinished != nil }

  /// Whether disk and State are as they should be.
  public var isNothingToDo: Bool {
    guard let applied, unfinished == nil, changes.isEmpty, applied.configuration == configuration,
      applied.templateVersion == Self.templateVersion
    else { return false }
    return applied.files == files
  }

  private var files: [String: State.GenerationFile] {
    var files: [String: State.GenerationFile] = [:]
    for decision in decisions {
      guard let desired = sides[decision.path]?.desired else { continue }
      files[decision.path] = State.GenerationFile(
        component: decision.component, rendered: desired, recorded: decision.recorded)
    }
    return files
  }

  /// `dioptra.yaml` comes first: what is rendered follows from it.
  private var changes: [State.Change] {
    var changes: [State.Change] = []
    if configurationBefore != Array(configuration.utf8) {
      changes.append(
        State.Change(
          path: ConfigurationFile.name, expected: configurationBefore.map { Digest(of: $0) },
          result: FileVersion(text: StoredText(configuration), mode: 0o644)))
    }
    for decision in decisions where decision.write != nil || decision.outcome == .delete {
      guard let sides = sides[decision.path] else { continue }
      var expected: Digest?
      if case .file(let bytes, _) = sides.actual { expected = Digest(of: bytes) }
      changes.append(State.Change(path: decision.path, expected: expected, result: decision.write))
    }
    return changes
  }

  // MARK: Applying

  /// Writes what is to be written. The holder of the lock calls this.
  ///
  /// - Throws: `DioptraError` with exit code 3 when conflicts are undecided; nothing but `.dioptra/conflicts` has changed.
  public func apply(to state: State, run: State.RunDescription, now: Timestamp) throws {
    var begun: Int?
    do {
      guard conflicts.isEmpty else {
        try writeConflicts()
        throw conflictError
      }
      let changes = self.changes
      let (id, generation) = try state.database.transaction {
        let id = try state.startRun(run, now: now)
        let generation = try state.plan(
          files.mapValues { try withoutForeignSecrets($0, state, now) },
          changes.map { try withoutForeignSecrets($0, state, now) }, run: id, templateVersion: Self.templateVersion,
          release: deployment.configuration.entry("release")?.value ?? "", configuration: configuration, now: now)
        return (id, generation)
      }
      begun = id
      try write(changes, generation: generation)
      try state.database.transaction {
        try state.markApplied(generation, now: now)
        try state.finishRun(id, .succeeded, now: now)
      }
    } catch {
      let outcome: State.RunOutcome = (error as? DioptraError)?.exitCode == .conflicts ? .stopped : .failed
      // The first error is the one to tell; a run without an end is taken for interrupted.
      try? state.database.transaction {
        try state.finishRun(begun ?? state.startRun(run, now: now), outcome, now: now)
      }
      throw error
    }
    try? folder.removeTree("\(State.folder)/conflicts")
  }

  private func write(_ changes: [State.Change], generation: Int) throws {
    for path in (unfinished?.files.keys).map(Array.init) ?? [] { folder.discardStaged(path) }
    if unfinished != nil { folder.discardStaged(ConfigurationFile.name) }
    do {
      for change in changes {
        guard let result = change.result else { continue }
        let bytes = try result.text.bytes(secrets: secrets)
        let isSecret = result.mode & 0o077 == 0
        try folder.stage(change.path, bytes, mode: result.mode, folderMode: isSecret ? 0o700 : 0o755)
      }
      for change in changes { try keepOverwritten(change, generation: generation) }
      try folder.sync()
      for change in changes {
        try check(change)
        if change.result == nil { try folder.remove(change.path) } else { try folder.publish(change.path) }
      }
      try folder.sync()
    } catch {
      for change in changes { folder.discardStaged(change.path) }
      throw error
    }
  }

  /// A file that is no longer what was planned on stops the apply.
  private func check(_ change: State.Change) throws {
    let actual = try folder.actual(change.path)
    let found: Digest? = if case .file(let bytes, _) = actual { Digest(of: bytes) } else { nil }
    let isPlanned = if case .other = sides[change.path]?.actual { true } else { found == change.expected }
    guard isPlanned else {
      throw DioptraError(
        "\(change.path) was changed while dioptra was at work", remedy: "Run the command again: it takes the change in")
    }
  }

  /// What the user wrote and a choice overwrites is kept.
  private func keepOverwritten(_ change: State.Change, generation: Int) throws {
    guard let sides = sides[change.path], case .file(let bytes, _) = sides.actual else { return }
    if let base = sides.base, try base.text.bytes(secrets: secrets) == bytes { return }
    if let result = change.result, try result.text.bytes(secrets: secrets) == bytes { return }
    try folder.write(
      "\(State.folder)/kept/\(generation)/\(change.path)", bytes, mode: 0o600, folderMode: 0o700)
  }

  // MARK: Secrets of the user

  /// In a file that shows secrets the user's own lines may hold one too: they are kept where secrets are.
  private func withoutForeignSecrets(
    _ file: State.GenerationFile, _ state: State, _ now: Timestamp
  ) throws -> State.GenerationFile {
    guard let recorded = file.recorded, file.rendered.mode & 0o077 == 0, recorded.text != file.rendered.text else {
      return file
    }
    let text = try state.keepText(recorded.text, secrets: secrets, now: now)
    return State.GenerationFile(
      component: file.component, rendered: file.rendered, recorded: FileVersion(text: text, mode: recorded.mode))
  }

  private func withoutForeignSecrets(_ change: State.Change, _ state: State, _ now: Timestamp) throws -> State.Change {
    guard let result = change.result, let desired = sides[change.path]?.desired, desired.mode & 0o077 == 0,
      result.text != desired.text
    else { return change }
    let text = try state.keepText(result.text, secrets: secrets, now: now)
    return State.Change(
      path: change.path, expected: change.expected, result: FileVersion(text: text, mode: result.mode))
  }
}
