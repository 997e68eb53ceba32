internal import DioptraSystem

/// The proxies that services reach the world outside through, and what they reach without one.
package struct OutsideProxies: Sendable {
  /// The variable with the proxy for unencrypted connections.
  package static let httpVariable: VariableName = "http_proxy"
  /// The variable with the proxy for encrypted connections.
  package static let httpsVariable: VariableName = "https_proxy"
  /// The variable with further hosts that services reach without a proxy.
  package static let exceptionsVariable: VariableName = "no_proxy"

  /// The user's choices; empty where there is none.
  package let http: Text
  package let https: Text
  /// The user's own hosts that need no proxy.
  package let ownExceptions: Text
  /// The hosts that all services reach without a proxy.
  private let hosts: [Text]
  private let inside: Text
  private let context: Context

  /// What a service sees of proxies.
  package enum View: Equatable, Sendable {
    /// It has no network, or reaches only what is inside the deployment.
    case none
    /// It uses the proxies of the user's choice.
    case chosen
    /// It uses those that the engine's client gives to every container, if there are any.
    case ofClient
  }

  package init(_ blueprint: Blueprint, in context: Context) {
    func value(_ name: VariableName) -> Text {
      guard let value = context.configuration.entry(name)?.value, !value.isEmpty else { return Text("") }
      return Text(segments: [.variable(name, value: value)])
    }
    self.context = context
    http = value(Self.httpVariable)
    https = value(Self.httpsVariable)
    ownExceptions = value(Self.exceptionsVariable)
    let called = blueprint.endpoints.map(\.value.service)
    let listening = blueprint.services.filter { !$0.ports.isEmpty }.map(\.name)
    let isChosen = !http.isEmpty || !https.isEmpty
    let names = (called + (isChosen ? listening : [])).reduce(into: [ServiceName]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    // During initialisation, services have their short names, too.
    hosts =
      ["localhost", "127.0.0.1", "::1"] + names.map { context.name(of: $0) }
      + (isChosen ? names.map { Text($0.rawValue) } : [])
    inside = (hosts + (ownExceptions.isEmpty ? [] : [ownExceptions])).joined(separator: ",")
  }

  /// Whether the user chose a proxy. It then counts for all connections, whatever the engine's client has.
  package var isChosen: Bool { !http.isEmpty || !https.isEmpty }

  /// The names of the settings with their passwords.
  package var settings: [String] { [http, https].flatMap { ProxyAddress.settings(in: $0.visible) } }

  package func view(of service: Service) -> View {
    switch service.connection {
    case .none: .none
    case .deployment where !service.reachesOut: .none
    case .deployment, .outside: isChosen ? .chosen : .ofClient
    }
  }

  /// The hosts that a service reaches without a proxy: itself, those that listen, and the user's own.
  package func exceptions(of service: Service) -> Text {
    guard isChosen, service.connection == .deployment else { return inside }
    let itself = context.name(of: service.name)
    return hosts.contains(itself) ? inside : inside + "," + itself
  }

  /// The variables that a service's container gets, each in upper and in lower case, since programs read one or the
  /// other. A service without outside connections gets empty ones, because some programs do not support exceptions.
  package func variables(of service: Service) -> [(name: String, value: Text)] {
    let variables: [(String, Text)] =
      switch (view(of: service), service.connection) {
      case (_, .none): []
      case (.none, _): Self.proxies.map { ($0, Text("")) }
      case (.ofClient, .outside): []
      case (.ofClient, _): [("NO_PROXY", exceptions(of: service))]
      case (.chosen, _):
        zip(Self.proxies, [http, https, Text("")]).map { ($0, $1) } + [("NO_PROXY", exceptions(of: service))]
      }
    return variables.flatMap { [($0, $1), ($0.lowercased(), $1)] }
  }

  private static let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
}
