public import DioptraModel
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

extension OperationContext {
  /// What a clone of a committed deployment was rendered from: what differs from that is the user's.
  ///
  /// - Returns: nil for a folder that is no such clone.
  public func committedTree(in folder: ConfinedFolder, _ file: ConfigurationFile) throws -> RenderedTree? {
    guard let identity = try committedIdentity(folder) else { return nil }
    return try Deployment(registry: registry, file: file, identity: identity).tree
  }

  /// Writes a folder's changes as part of a run. What fails beside the work itself is a warning.
  func apply(_ folderPlan: FolderPlan, to state: State, _ record: RunRecord, now: Timestamp) throws {
    if let error = try folderPlan.apply(to: state, run: record.begin(), now: now) { observer.warn(error) }
  }
}
