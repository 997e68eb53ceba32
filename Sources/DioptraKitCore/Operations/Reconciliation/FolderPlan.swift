public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
package import DioptraSystem

/// Updates a folder without losing anything: plan, commit to State, write, rename.
///
/// Once State has the plan, the deployment has its contents: if the process is killed afterwards, each file is old or
/// new, and the next writing command can tell which.
public struct FolderPlan {
  /// What is done at one path, for reports.
  public struct Entry: Codable, Equatable, Sendable {
    /// Relative to the deployment's folder.
    public let path: String
    /// The component that the file belongs to; empty for `dioptra.yaml`.
    public let component: ComponentID
    /// What happens to the file.
    public let action: FileAction
    /// Why the sides of a conflict cannot be merged.
    public let reason: String?
  }

  let folder: ConfinedFolder
  let secrets: SecretValues
  private let applied: State.Generation?
  /// Later generations whose apply was interrupted, oldest first.
  let unfinished: [State.Generation]
  let target: FolderTarget
  private let configurationBefore: [UInt8]?
  private let hasOldConflicts: Bool
  var decisions: [Reconciler.Decision] = []
  var sides: [String: Reconciler.Sides] = [:]
  /// The new paths of moved files.
  private let moved: Set<String>
  /// The user's own accepted files: they are unchanged, and stay recorded.
  private let own: [String: State.GenerationFile]

  /// Compares; read-only.
  ///
  /// - Parameters:
  /// - adopted: What the folder was rendered from, if State does not know it.
  /// - choice: How to resolve every conflict.
  /// - resolutions: How to resolve the conflict at one path.
  package init(
    of folder: ConfinedFolder, to target: FolderTarget, state: State?, secrets: SecretValues,
    adopted: RenderedTree? = nil, choice: ConflictChoice = .stop, resolutions: [String: Resolution] = [:]
  ) throws {
    try self.init(
      of: folder, to: target, state: state, secrets: secrets, adopted: adopted, choice: choice,
      resolutions: resolutions, former: [:])
  }

  /// - Parameter former: The earlier version of files with unresolved conflicts, which is restored.
  init(
    of folder: ConfinedFolder, to target: FolderTarget, state: State?, secrets: SecretValues,
    adopted: RenderedTree? = nil, choice: ConflictChoice, resolutions: [String: Resolution],
    former: [String: FileVersion]
  ) throws {
    self.folder = folder
    self.secrets = secrets
    self.target = target
    configurationBefore = try folder.read(ConfigurationFile.name)
    hasOldConflicts = try folder.entry(Self.conflictsFolder) != nil
    applied = try state?.appliedGeneration()
    unfinished = try state?.unfinishedGenerations() ?? []
    let known = try Self.bases(applied, unfinished, state: state, adopted: adopted, in: folder, secrets: secrets)
    // No component contributes them: if one begins to, there is no base.
    let bases = known.filter { !$0.value.isOwn }
    let reconciler = Reconciler(secrets: secrets)
    let wanted = target.files
    let keptSettings = KeptSettings(target, secrets: secrets)
    let moves = FileMoves(target.moves, bases: bases, in: folder)
    moved = moves.destinations
    let isAdopted = applied?.version.template == GenerationVersion.referenceTemplate
    own = known.filter { $0.value.isOwn && wanted[$0.key] == nil }
    for path in Set(wanted.keys).union(bases.keys).sorted() {
      // There may be a file of any size in its place.
      try Task.checkCancellation()
      let file = wanted[path]
      let base = bases[path] ?? moves.origin(of: path).flatMap { bases[$0] }
      let sides = Reconciler.Sides(
        path: path, component: file?.component ?? base?.component ?? "", base: base?.rendered, recorded: base?.recorded,
        desired: file?.version, actual: try folder.actual(moves.origin(of: path) ?? path),
        showsSecrets: file?.showsSecrets ?? false)
      self.sides[path] = sides
      var decision = try reconciler.decide(sides)
      if isAdopted { decision.respectEdits(of: sides, secrets: secrets) }
      moves.takeAway(&decision, sides)
      let resolution = resolutions[path] ?? (choice == .stop ? nil : .choice(choice))
      if decision.action == .conflict, let old = former[path], try isUntouched(sides) { decision.take(old) }
      if decision.action == .conflict, let resolution {
        try resolve(&decision, sides, resolution)
        try keptSettings.complete(&decision, sides)
      } else if let resolution, hasMarkers(decision) {
        try resolveMarkers(&decision, sides, resolution)
      }
      moves.bring(&decision, sides, secrets: secrets)
      decisions.append(decision)
    }
    if let unknown = resolutions.keys.sorted().first(where: { sides[$0] == nil }) {
      throw DioptraError(
        .fileUnknown, "\(unknown.quoted) is not a file of this deployment", remedy: "Give the path of a conflict")
    }
  }

  /// The folder as it will be.
  var preview: FolderPreview {
    get throws {
      FolderPreview(
        folder,
        planned: Dictionary(
          uniqueKeysWithValues: try changes.map { ($0.path, try $0.result?.text.bytes(secrets: secrets)) }))
    }
  }

  /// The paths with a change or a conflict.
  public var entries: [Entry] {
    decisions.filter { $0.action != .same && $0.action != .keep }.map {
      Entry(path: $0.path, component: $0.component, action: $0.action, reason: $0.reason)
    }
  }

  /// The same, plus the change of `dioptra.yaml`, which comes first.
  public var allEntries: [Entry] {
    guard let change = changes.first(where: { $0.path == ConfigurationFile.name }) else { return entries }
    let action: FileAction = change.expected == nil ? .create : .update
    return [Entry(path: change.path, component: "", action: action, reason: nil)] + entries
  }

  /// The absolute path of the folder.
  public var path: String { folder.path }

  /// The paths whose edits are kept.
  public var kept: [String] { decisions.filter { $0.action == .keep }.map(\.path) }

  /// The paths with conflict markers, now or after the apply.
  public var marked: [String] {
    decisions.filter { $0.isUndecided || hasMarkers($0) }.map(\.path)
  }

  /// The unresolved conflicts. While there are any, the plan cannot be applied.
  public var conflicts: [Entry] { entries.filter { $0.action == .conflict } }

  /// Whether an earlier apply was interrupted.
  package var continuesUnfinished: Bool { !unfinished.isEmpty }

  /// Checks that `dioptra.yaml` is still what the configuration was read from.
  ///
  /// - Parameter text: The characters that were read; nil if there was no file.
  /// - Throws: `DioptraError` if it was changed meanwhile, since that change would be lost.
  package func check(startedFrom text: String?) throws(DioptraError) {
    guard configurationBefore == text.map({ Array($0.utf8) }) else {
      throw DioptraError(
        .changedMeanwhile, "\(ConfigurationFile.name) was changed while dioptra was at work",
        remedy: "Run the command again: it takes the change in")
    }
    if let applied { try ConfigurationFile(text: target.configuration).requireChoices(of: applied.configuration) }
  }

  /// Whether disk and State are up to date.
  public var isNothingToDo: Bool {
    guard let applied, unfinished.isEmpty, !hasOldConflicts, applied.configuration == target.configuration,
      applied.version.template == target.version.template, applied.version.release == target.version.release,
      applied.version.componentChanges(to: target.version).isEmpty, target.migrations.isEmpty, changes.isEmpty
    else { return false }
    return applied.files == files
  }

  var files: [String: State.GenerationFile] {
    var files = own
    for decision in decisions {
      guard let desired = sides[decision.path]?.desired else { continue }
      files[decision.path] = State.GenerationFile(
        component: decision.component, rendered: desired, recorded: decision.recorded)
    }
    return files
  }

  /// `dioptra.yaml` comes first, because everything else follows from it.
  var changes: [State.Change] {
    var changes: [State.Change] = []
    if configurationBefore != Array(target.configuration.utf8) {
      changes.append(
        State.Change(
          path: ConfigurationFile.name, expected: configurationBefore.map { Digest(of: $0) },
          result: FileVersion(text: StoredText(target.configuration), mode: 0o644)))
    }
    for decision in decisions where decision.write != nil || decision.action == .delete {
      guard let sides = sides[decision.path] else { continue }
      var expected: Digest?
      if case .file(let bytes, _) = sides.actual, !moved.contains(decision.path) { expected = Digest(of: bytes) }
      changes.append(State.Change(path: decision.path, expected: expected, result: decision.write))
    }
    return changes
  }
}
