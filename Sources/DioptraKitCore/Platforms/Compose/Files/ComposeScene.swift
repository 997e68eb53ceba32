internal import DioptraModel
internal import DioptraSystem

/// What Compose's files are made of, with what they all need to know.
struct ComposeScene {
  let blueprint: Blueprint
  let context: Context
  /// The hosts that services reach without a proxy, as `NO_PROXY` lists them: themselves, each other, and the user's own.
  let insideHosts: Text
  private let addresses: ServiceAddresses

  /// The variable with further hosts that services reach without a proxy.
  private static let noProxyVariable: VariableName = "no_proxy"

  init(_ blueprint: Blueprint, in context: Context) {
    self.blueprint = blueprint
    self.context = context
    addresses = ServiceAddresses(blueprint, in: context)
    let called = blueprint.endpoints.map(\.value.service).reduce(into: [ServiceName]()) { services, service in
      if !services.contains(service) { services.append(service) }
    }
    let own = context.configuration.entry(Self.noProxyVariable).map { entry in
      entry.value.isEmpty ? [] : [Text(segments: [.variable(Self.noProxyVariable, value: entry.value)])]
    }
    let inside: [Text] = ["localhost", "127.0.0.1", "::1"] + called.map { context.name(of: $0) }
    insideHosts = (inside + (own ?? [])).joined(separator: ",")
  }

  /// The text with addresses in place of endpoints.
  func resolved(_ text: Text) throws -> Text { try addresses.resolved(text) }
}
