internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem
internal import Glibc

extension DeploymentFolder {
  /// How `init` sees a folder.
  public enum Kind: Equatable, Sendable {
    /// Empty, or only a git repository without files, or an interrupted first `init`.
    case empty
    /// A folder with State.
    case deployment
    /// A configuration without State and without secrets, such as a clone of a committed deployment.
    case configurationOnly
    /// A folder whose adoption was interrupted.
    case adopting
    /// Secrets without the State that contains them.
    case secretsOnly
    /// Something else.
    case foreign
  }

  /// What is at an absolute path.
  ///
  /// - Parameter recovering: Whether an interrupted write to State may be rolled back.
  /// - Throws: `DioptraError` if the path is inaccessible or not a folder, or has an unreadable State.
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
      // Secrets that State does not know: an adoption was interrupted before it stored them.
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
  /// The generation of an interrupted adoption; nil if there is none.
  func begunAdoption() throws -> Generation? {
    guard try newestGeneration() == nil, let last = try unfinishedGenerations().last else { return nil }
    // A first `init` writes more than its configuration.
    return try changes(of: last.id).allSatisfy { $0.path == ConfigurationFile.name } ? last : nil
  }
}
