package import DioptraKitCore
import Foundation
internal import Plugins

/// A deployment rendered into a folder, with a fixed identity and fixed secrets.
package struct RenderedFolder: Sendable {
  package static let identity = Identity(deployment: "0123456789abcdef", folder: "/srv/dioptra-deployment")

  package let scratch: Scratch
  package let deployment: Deployment
  package var path: String { scratch.path }

  /// - Parameters:
  ///   - values: What the user chose.
  ///   - components: What the deployment may be made of.
  package init(
    _ values: [String: String] = [:], disabled: Set<ComponentID> = [],
    components: [any Component] = ReferenceDeployment.components
  ) throws {
    scratch = try Scratch()
    deployment = try Self.deployment(values, disabled: disabled, components: components)
    let secrets = Self.secrets(of: deployment)
    for file in deployment.tree.files {
      // Generated values need no quotes, and neither do these stand-ins.
      let text = String(decoding: try file.bytes(secrets: secrets), as: UTF8.self)
      try scratch.write(text.replacing("'<", with: "<").replacing(">'", with: ">"), to: file.path)
      try FileManager.default.setAttributes(
        [.posixPermissions: Int(file.permissions.mode)], ofItemAtPath: scratch.file(file.path))
    }
  }

  /// The deployment in memory.
  package static func deployment(
    _ values: [String: String] = [:], disabled: Set<ComponentID> = [],
    components: [any Component] = ReferenceDeployment.components
  ) throws -> Deployment {
    var text = values.sorted { $0.key < $1.key }.map { "\($0.key): \(quoted($0.value))\n" }.joined()
    if !disabled.isEmpty { text += "components:\n" + disabled.sorted().map { "  \($0): false\n" }.joined() }
    return try Deployment(
      registry: ComponentRegistry(
        components, templateVersion: ReferenceDeployment.templateVersion,
        dialect: Platforms.standard.dialect),
      file: ConfigurationFile(text: text), identity: identity)
  }

  /// The value of every secret is its name, so that a file shows which one is where.
  package static func secrets(of deployment: Deployment) -> SecretValues {
    SecretValues(
      Dictionary(
        uniqueKeysWithValues: deployment.blueprint.secrets.map { secret in
          (SecretReference(name: secret.name, version: SecretReference.firstVersion), "<\(secret.name)>")
        }))
  }

  private static func quoted(_ value: String) -> String {
    "'" + value.replacing("'", with: "''") + "'"
  }
}
