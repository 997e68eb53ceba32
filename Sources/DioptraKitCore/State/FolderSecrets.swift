internal import DioptraModel
package import DioptraSystem

extension DeploymentFolder {
  /// Whether a folder has files with a deployment's secrets.
  package static func hasSecrets(_ folder: ConfinedFolder) throws(DioptraError) -> Bool {
    for file in [".env", "secrets/postgres-passwd.env"] where try folder.entry(file) != nil { return true }
    return false
  }
}
