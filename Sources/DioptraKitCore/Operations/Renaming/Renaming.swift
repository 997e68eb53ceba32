package import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
package import DioptraState
package import DioptraSystem

/// Gives a deployment another prefix: renders its files with it, and moves its data to volumes with new names.
public struct Renaming {
  /// The prefix before the move.
  public let from: String
  /// The prefix after the move.
  public let to: String
  /// The present deployment.
  public let before: Deployment
  /// The renamed deployment.
  public let deployment: Deployment
  /// The changes to the files.
  public let folderPlan: FolderPlan
  /// Whether an earlier move was interrupted after the files were written.
  public let isApplied: Bool

  /// Plans everything; read-only.
  ///
  /// - Parameters:
  /// - file: The present `dioptra.yaml`.
  ///   - slug: The new prefix.
  /// - Throws: `DioptraError` for an invalid prefix, or the present one.
  package init(
    of folder: ConfinedFolder, state: State, registry: ComponentRegistry, file: ConfigurationFile, to slug: String,
    choice: ConflictChoice = .stop, resolutions: [String: Resolution] = [:]
  ) throws {
    guard let applied = try state.appliedGeneration(), let held = registry.slug(in: applied.configuration) else {
      throw DioptraError.unfinishedInit(in: folder.path)
    }
    let unfinished = try state.unfinishedRenaming()
    isApplied = held == slug && unfinished?.to == slug
    guard held != slug || unfinished != nil else {
      throw DioptraError(
        .valueInvalid, "the deployment has the prefix \(slug.quoted) already", remedy: "Give another one")
    }
    if let unfinished, ![unfinished.from, unfinished.to].contains(slug) {
      throw DioptraError(
        .commandUnfinished, "the move from \(unfinished.from.quoted) to \(unfinished.to.quoted) was interrupted",
        remedy: "Run \(dioptra: "rename", unfinished.to) to complete it",
        "Run \(dioptra: "rename", unfinished.from) to go back")
    }
    from = isApplied ? unfinished?.from ?? held : held
    to = slug
    let variable = try registry.components.flatMap(\.variables).named(Renderer.slugVariable.rawValue)
    let identity = Identity(deployment: try state.deployment, folder: folder.path)
    let versions = try state.secretVersions()
    let origin = from
    func named(_ slug: String) throws -> (ConfigurationFile, Deployment) {
      var file = file
      try file.set(variable.name, to: try variable.accept(origin), spelledLike: variable.aliases)
      let present = try Configuration(registry: registry, file: file)
      for kept in registry.components.flatMap(\.variables) where kept.staysWithData && slug != origin {
        guard let entry = present.entry(kept.name) else { continue }
        try file.set(kept.name, to: entry.value, spelledLike: kept.aliases)
      }
      try file.set(variable.name, to: try variable.accept(slug), spelledLike: variable.aliases)
      return (file, try Deployment(registry: registry, file: file, identity: identity, secretVersions: versions))
    }
    before = try named(origin).1
    let (configuration, after) = try named(slug)
    self.deployment = after
    let target = FolderTarget(
      deployment, of: registry, configuration: configuration.text,
      moves: Self.moves(from: before.tree, named: from, to: deployment.tree, named: slug))
    folderPlan = try FolderPlan(
      of: folder, to: target, state: state, secrets: try state.secretValues(), choice: choice, resolutions: resolutions)
    try folderPlan.check(startedFrom: file.text)
  }

  /// Files with the prefix in their names keep the user's edits.
  private static func moves(
    from old: RenderedTree, named oldSlug: String, to new: RenderedTree, named newSlug: String
  ) -> [FileMove] {
    let known = Set(old.files.map(\.path))
    return new.files.map(\.path).filter { !known.contains($0) }.compactMap { path in
      let origin = path.replacing(newSlug, with: oldSlug)
      return known.contains(origin) ? FileMove(from: origin, to: path) : nil
    }
  }

  /// The volumes with data, by old and new name.
  public var volumes: [(old: String, new: String)] {
    before.blueprint.volumes.filter { $0.lifetime == .deployment }.map { volume in
      (before.volumeName(volume.name), deployment.volumeName(volume.name))
    }
  }
}
