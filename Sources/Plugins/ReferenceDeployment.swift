import DBAdminPlugin
import DeploymentPlugin
public import DioptraKitCore
import FrontendPlugin
import MLflowPlugin
import MinioPlugin
import NginxPlugin
import PostgresPlugin
import RedisPlugin
import ReferencePlugin
import RestAPIPlugin
import SystemdPlugin
import TLSPlugin
import WorkersPlugin

/// The components of Dioptra's reference deployment, in the order in which its files list them.
public enum ReferenceDeployment {
  /// All of them, with one component for each kind of worker.
  public static var components: [any Component] {
    [
      DeploymentComponent(), TLSComponent(), NginxComponent(), MinioComponent(), PostgresComponent(),
      DBAdminComponent(), RedisComponent(), MLflowComponent(), RestAPIComponent(), FrontendComponent(),
      WorkersComponent(),
    ] + WorkerKind.allCases.map(WorkerComponent.init) + [SystemdComponent()]
  }

  /// The version of what the components render; see `ComponentRegistry.templateVersion`.
  public static let templateVersion = 2

  /// The fingerprints of the reference template, which tell its lines from a user's.
  ///
  /// - Parameter json: Other fingerprints in the same format; the program's own if nil.
  /// - Throws: `DioptraError` if they are unreadable.
  public static func fingerprints(json: String? = nil) throws -> ReferenceFingerprints {
    try json.map(ShippedFingerprints.fingerprints) ?? ShippedFingerprints.fingerprints()
  }

  /// The registry of these components, in the dialect of `Platforms.standard`.
  public static func registry() throws -> ComponentRegistry {
    try ComponentRegistry(components, templateVersion: templateVersion, dialect: Platforms.standard.dialect)
  }
}
