/// A folder that the reference template made, read for what it tells about its deployment.
public struct ReferenceFolder: Sendable {
  public let folder: ConfinedFolder

  init(_ folder: ConfinedFolder) {
    self.folder = folder
  }

  /// The value of a line `NAME=value` of a file, without quotes around it; nil where the file or the line is not there.
  public func value(of name: String, in path: String) throws -> String? {
    guard case .file? = try folder.entry(path), let bytes = try folder.read(path) else { return nil }
    return Setting.value(of: name, in: String(decoding: bytes, as: UTF8.self))
  }
}
