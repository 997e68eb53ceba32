import DioptraKitCore

/// A component with what it contributes to this deployment.
struct ComponentView: Encodable {
  let name: String
  let summary: String
  let enabled: Bool
  let requires: [String]
  let variables: [String]
  let services: [String]
  let initServices: [String]
  let volumes: [String]
  let files: [String]
  let secrets: [String]
  let steps: [String]

  init(_ component: any Component, file: ConfigurationFile, values: Configuration, folder: String) throws {
    let context = Context(
      configuration: values, identity: Identity(deployment: Identity.unnamed, folder: folder))
    let blueprint = try Blueprint(in: context)
    let tree = try Renderer(blueprint, in: context).tree()
    func own<Value>(_ list: [Owned<Value>], _ name: (Value) -> String) -> [String] {
      list.filter { $0.owner == component.id }.map { name($0.value) }
    }
    name = component.id.rawValue
    summary = component.summary
    enabled = !file.disabled.contains(component.id)
    requires = component.requires.map(\.rawValue)
    variables = component.variables.map(\.name.rawValue)
    services = own(blueprint.services, \.name.rawValue)
    initServices = own(blueprint.initServices, \.name.rawValue)
    volumes = own(blueprint.volumes, \.name.rawValue)
    files = tree.files.filter { $0.component == component.id }.map(\.path)
    secrets = own(blueprint.secrets, \.name.rawValue)
    steps = own(blueprint.steps, \.id.rawValue)
  }

  var text: String {
    let lists = [
      ("Requires", requires), ("Variables", variables), ("Services", services), ("Init services", initServices),
      ("Volumes", volumes), ("Files", files), ("Secrets", secrets), ("Init steps", steps),
    ]
    return "\(name): \(summary) (\(enabled ? "on" : "off"))\n"
      + lists.filter { !$0.1.isEmpty }.map { title, names in
        "\n\(title)\n" + names.map { "  \($0)\n" }.joined()
      }.joined()
  }
}
