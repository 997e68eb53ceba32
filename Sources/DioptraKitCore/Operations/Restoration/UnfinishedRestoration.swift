internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
package import DioptraSystem
internal import FoundationEssentials

/// The marker of an unfinished restoration, `.dioptra/restoring`: while it exists, the folder or the data may be
/// incomplete.
struct UnfinishedRestoration: Codable, Equatable {
  static let file = "\(State.folder)/restoring"

  /// The backup's id.
  let backup: String
  /// The path of the backup.
  let path: String
  /// Whether State has been replaced.
  var hasState: Bool
  /// Whether only data are restored, and folder and State are left alone.
  var isOfDataOnly = false

  /// - Returns: nil if there is none.
  static func found(in folder: ConfinedFolder) throws -> UnfinishedRestoration? {
    guard let bytes = try folder.read(file) else { return nil }
    return (try? JSONDecoder().decode(Self.self, from: Data(bytes)))
      ?? UnfinishedRestoration(backup: "", path: "FILE", hasState: false)
  }

  func write(in folder: ConfinedFolder) throws {
    try ProgramFolder.make(in: folder)
    try folder.write(Self.file, BackupJSON.encoded(self), mode: 0o600)
  }

  static func end(in folder: ConfinedFolder) throws {
    try folder.remove(file)
    try folder.sync()
  }
}

extension ConfinedFolder {
  /// Checks that the deployment is not partially restored.
  ///
  /// - Throws: `DioptraError` if a restoration is unfinished.
  package func refuseUnfinishedRestoration() throws {
    guard let restoration = try UnfinishedRestoration.found(in: self) else { return }
    throw DioptraError(
      .commandUnfinished, "restoring \(path) from a backup was interrupted, and its data may be incomplete",
      remedy: "Complete it with "
        + Remedy([
          .command(["dioptra", "restore", restoration.path, path] + (restoration.isOfDataOnly ? ["--only-data"] : []))
        ]))
  }
}
