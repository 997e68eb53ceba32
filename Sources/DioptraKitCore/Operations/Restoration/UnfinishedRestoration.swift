internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem
internal import FoundationEssentials

/// The mark of a restoration that has begun and not ended, `.dioptra/restoring`: until it is gone, the folder or the data
/// may be those of the backup by half.
struct UnfinishedRestoration: Codable, Equatable {
  static let file = "\(State.folder)/restoring"

  /// The backup's own name.
  let backup: String
  /// Where the backup was.
  let path: String
  /// Whether State is the backup's by now.
  var hasState: Bool
  /// Whether folder and State stay as they are, and only data are restored.
  var isOfDataOnly = false

  /// - Returns: nil where none has begun.
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
  /// Makes sure that the deployment is not restored by half.
  ///
  /// - Throws: `DioptraError` where a restoration has not ended.
  public func refuseUnfinishedRestoration() throws {
    guard let restoration = try UnfinishedRestoration.found(in: self) else { return }
    throw DioptraError(
      .commandUnfinished, "restoring \(path) from a backup was interrupted, and its data may be incomplete",
      remedy: "Complete it with "
        + Remedy([
          .command(["dioptra", "restore", restoration.path, path] + (restoration.isOfDataOnly ? ["--only-data"] : []))
        ]))
  }
}
