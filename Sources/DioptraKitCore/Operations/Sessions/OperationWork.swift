package import DioptraModel
internal import DioptraRendering
internal import DioptraState
package import DioptraSystem

extension OperationContext {
  /// The rendered files of a committed deployment's clone: differences from these are the user's.
  ///
  /// - Returns: nil for other folders.
  package func committedTree(in folder: ConfinedFolder, _ file: ConfigurationFile) throws -> RenderedTree? {
    guard let identity = try committedIdentity(folder) else { return nil }
    return try Deployment(registry: registry, file: file, identity: identity).tree
  }

  /// Applies a folder's changes as part of a run. A failure besides the work itself is a warning.
  func apply(_ folderPlan: FolderPlan, to state: State, _ record: RunRecord, now: Timestamp) throws {
    if let error = try folderPlan.apply(to: state, run: record.begin(), now: now) { observer.warn(error) }
  }
}
