public import DioptraModel
internal import DioptraState
public import DioptraSystem

extension ConfinedFolder {
  /// The deployment that contains a folder.
  ///
  /// - Parameter start: The absolute path at which the upward search begins.
  /// - Throws: `DioptraError` if there is none.
  public convenience init(ofDeploymentAbove start: String) throws {
    guard let path = DeploymentFolder.find(from: start) else {
      throw DioptraError(
        .deploymentNotFound, "there is no deployment in \(start) or above it",
        remedy: "Change into one, or name it with -C", "Make one with \(dioptra: "init")")
    }
    try DeploymentFolder.requireName(path)
    try self.init(path: path)
  }

  /// The deployment's `dioptra.yaml`.
  ///
  /// - Throws: `DioptraError` if it is missing or unreadable.
  public func configurationFile() throws -> ConfigurationFile {
    guard let bytes = try read(ConfigurationFile.name) else {
      try refuseUnfinishedRestoration()
      throw DioptraError(
        .configurationInvalid, "\(path) has no \(ConfigurationFile.name)",
        remedy: "If a first \(dioptra: "init") was interrupted here, run it again",
        "Restore \(edit: ConfigurationFile.name)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DioptraError(
        .configurationInvalid, "\(ConfigurationFile.name) is not UTF-8 text",
        remedy: "Save \(edit: ConfigurationFile.name) as UTF-8")
    }
    return try ConfigurationFile(text: text)
  }
}
