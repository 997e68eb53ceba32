internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem
internal import Glibc

extension DeploymentFolder {
  /// What a folder is to `init`.
  public enum Kind: Equatable, Sendable {
    /// Nothing is there, or nothing but a git repository without files, or the beginning of a first `init` that died.
    case empty
    /// A folder with State.
    case deployment
    /// A configuration without State and without secrets, such as a clone of a committed deployment.
    case configurationOnly
    /// A folder whose adoption did not get to its end.
    case adopting
    /// Secrets without the State that knows them.
    case secretsOnly
    /// Something else.
    case foreign
  }

  /// What stands at an absolute path.
  ///
  /// - Parameter recovering: Whether a write to State that was cut off may be undone on the way.
  /// - Throws: `DioptraError` when the path cannot be looked at, or is no folder, or holds a State that cannot be read.
  public static func kind(of path: String, recovering: Bool = false) throws -> Kind {
    try requireName(path)
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return .empty }
      throw DioptraError.system("\(path) cannot be looked at", remedy: "Check the path and your permissions")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw DioptraError(
        .pathInvalid, "\(path) is not a folder", remedy: "Give the path of a folder, or of one to make")
    }
    let folder = try ConfinedFolder(path: path)
    let isConfigured = try folder.entry(ConfigurationFile.name) != nil
    let hasSecrets = try hasSecrets(folder)
    if let state = try State(readingIn: folder, recovering: recovering) {
      if try state.begunAdoption() != nil { return .adopting }
      if try state.newestGeneration() != nil { return .deployment }
      // Secrets that State does not know: an adoption died before it had taken them.
      if try hasSecrets && state.secretRecords().isEmpty { return .adopting }
      // The configuration is the first file that an apply puts in place.
      if isConfigured { return .deployment }
      return hasSecrets ? .adopting : .empty
    }
    if hasSecrets { return .secretsOnly }
    if isConfigured { return .configurationOnly }
    return try names(in: path).subtracting([".git", State.folder]).isEmpty ? .empty : .foreign
  }
}

extension State {
  /// The generation of an adoption that was begun and did not end; nil where there is none.
  func begunAdoption() throws -> Generation? {
    guard try newestGeneration() == nil, let last = try unfinishedGenerations().last else { return nil }
    // A first `init` writes more than its configuration.
    return try changes(of: last.id).allSatisfy { $0.path == ConfigurationFile.name } ? last : nil
  }
}
