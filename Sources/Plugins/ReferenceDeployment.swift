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
  public static var components: [any Component] {
    [
      DeploymentComponent(), TLSComponent(), NginxComponent(), MinioComponent(), PostgresComponent(),
      DBAdminComponent(), RedisComponent(), MLflowComponent(), RestAPIComponent(), FrontendComponent(),
      WorkersComponent(),
    ] + WorkerKind.allCases.map(WorkerComponent.init) + [SystemdComponent()]
  }

  /// The version of what the components render; see `ComponentRegistry.templateVersion`.
  public static let templateVersion = 2

  /// What the reference template writes, as far as is needed to tell its lines from a user's.
  ///
  /// - Parameter json: Other figures of the same form; the program's own where nil.
  /// - Throws: `DioptraError` when they cannot be read.
  public static func figures(json: String? = nil) throws -> ReferenceFigures {
    try json.map(ShippedFigures.figures) ?? ShippedFigures.figures()
  }

  public static func registry() throws -> ComponentRegistry {
    try ComponentRegistry(components, templateVersion: templateVersion, dialect: Platforms.standard.dialect)
  }
}
