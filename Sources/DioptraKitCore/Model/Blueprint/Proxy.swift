public import DioptraSystem

/// A server of the reverse proxy: one port and its destination.
///
/// It is described once; the proxy's component renders it with and without TLS.
public struct ProxyServer: Codable, Equatable, Sendable {
  /// A request header that the proxy sets. The back end gets only these and the general ones.
  public struct Header: Codable, Equatable, Sendable {
    /// The header's name: `Host`.
    public var name: String
    /// In the proxy's notation, such as `$http_host`.
    public var value: String

    /// A header of requests to the back end; with an empty value, it is left out of them.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The server's name, for `ProxyLocation`.
  public var name: String
  /// The base name of its configuration files: `mlflow` for `http_mlflow.conf` and `https_mlflow.conf`.
  public var file: String
  /// What the server shows, without a full stop: "the store's console".
  public var summary: String
  /// The port inside the proxy's container.
  public var port: Int
  /// The port with TLS, if different; the plain port then redirects to it.
  public var tlsPort: Int?
  /// The port of the host that leads to `port`.
  public var hostPort: Text
  /// The host's port with TLS, if different.
  public var tlsHostPort: Text?
  /// Whether requests for unknown hosts are sent here.
  public var isDefault: Bool
  /// The largest request, a value of the type `size`; nil for the general limit.
  public var maxBodySize: Text?
  /// Whether requests and responses are streamed instead of buffered.
  public var isStreaming: Bool
  /// Seconds until the connection to the back end fails; nil for the general limit.
  public var connectTimeout: Int?
  /// Replaces all headers sent to the back end; nil for the general ones.
  public var headers: [Header]?
  /// The path of the proxy's health check; nil if the server does not affect the proxy's health.
  public var healthPath: String?

  /// A server without locations; these are contributed as values of `ProxyLocation`.
  public init(
    _ name: String, file: String, _ summary: String, port: Int, tlsPort: Int? = nil, hostPort: Text,
    tlsHostPort: Text? = nil, isDefault: Bool = false, maxBodySize: Text? = nil, isStreaming: Bool = false,
    connectTimeout: Int? = nil, headers: [Header]? = nil, healthPath: String? = nil
  ) {
    self.name = name
    self.file = file
    self.summary = summary
    self.port = port
    self.tlsPort = tlsPort
    self.hostPort = hostPort
    self.tlsHostPort = tlsHostPort
    self.isDefault = isDefault
    self.maxBodySize = maxBodySize
    self.isStreaming = isStreaming
    self.connectTimeout = connectTimeout
    self.headers = headers
    self.healthPath = healthPath
  }
}

/// How a server of the reverse proxy handles some of its paths.
public struct ProxyLocation: Codable, Equatable, Sendable {
  /// Which paths a location handles.
  public enum Match: Codable, Equatable, Sendable {
    /// Every path that begins with it.
    case prefix(String)
    /// A prefix that takes precedence over regular expressions.
    case priorityPrefix(String)
    /// This path and no other.
    case exact(String)
  }

  /// What the proxy does with a request.
  public enum Action: Codable, Equatable, Sendable {
    /// Passes the request on with its path unchanged.
    case pass(EndpointName)
    /// Passes the request on and replaces the matched prefix.
    case passReplacing(EndpointName, with: String)
    /// Serves files, and the fallback for paths without a file.
    case files(root: String, fallback: String)
  }

  /// The name of the server that handles the paths.
  public var server: String
  /// The paths.
  public var match: Match
  /// What the server does with requests for them.
  public var action: Action
  /// Whether the proxy waits for the endpoint before it starts.
  public var isAwaited: Bool

  /// A location of a server; `awaited` makes the proxy wait for the endpoint before it starts.
  public init(_ server: String, _ match: Match, _ action: Action, awaited: Bool = false) {
    self.server = server
    self.match = match
    self.action = action
    self.isAwaited = awaited
  }
}

/// A TCP port that the reverse proxy passes through.
public struct ProxyStream: Codable, Equatable, Sendable {
  /// The base name of its configuration file: `db` for `stream_db.conf`.
  public var file: String
  /// What the port leads to, without a full stop: "the database".
  public var summary: String
  /// The port inside the proxy's container.
  public var port: Int
  /// The port of the host that leads to `port`.
  public var hostPort: Text
  /// Where the connections go.
  public var target: EndpointName
  /// How long a silent connection stays open, a value of the type `duration`.
  public var idleTimeout: Text

  /// A port that is passed through byte for byte. `file` is of the characters a-z, A-Z, 0-9 and _.
  public init(_ file: String, _ summary: String, port: Int, hostPort: Text, target: EndpointName, idleTimeout: Text) {
    self.file = file
    self.summary = summary
    self.port = port
    self.hostPort = hostPort
    self.target = target
    self.idleTimeout = idleTimeout
  }
}

extension ProxyServer: Contributed {
  /// What messages call such a value.
  public static let kind = "proxy server"
  /// Its name, which no other server may have.
  public var names: [Reference] { [.proxyServer(name)] }
  /// What the ports of the host and the largest request name.
  public var references: [Reference] { [hostPort, tlsHostPort, maxBodySize].compactMap(\.self).references }
}

extension Contribution {
  /// A server of the reverse proxy.
  public static func proxyServer(_ value: ProxyServer) -> Self { Self(value) }
}

extension Blueprint {
  /// Every server of the proxy, in the order of the components.
  public var proxyServers: [Owned<ProxyServer>] { self[ProxyServer.self] }
}

extension ProxyLocation: Contributed {
  /// What messages call such a value.
  public static let kind = "proxy location"
  /// The server, and the endpoint that requests are passed to.
  public var references: [Reference] {
    switch action {
    case .pass(let endpoint), .passReplacing(let endpoint, _): [.proxyServer(server), .endpoint(endpoint)]
    case .files: [.proxyServer(server)]
    }
  }
}

extension Contribution {
  /// A location of a server of the reverse proxy.
  public static func proxyLocation(_ value: ProxyLocation) -> Self { Self(value) }
}

extension Blueprint {
  /// Every location of every server, in the order of the components.
  public var proxyLocations: [Owned<ProxyLocation>] { self[ProxyLocation.self] }
}

extension ProxyStream: Contributed {
  /// What messages call such a value.
  public static let kind = "proxy stream"
  /// The base name of its file, which no other stream may have.
  public var names: [Reference] { [Reference(Self.kind, file)] }
  /// The endpoint, and what the texts name.
  public var references: [Reference] { [.endpoint(target)] + hostPort.references + idleTimeout.references }

  /// The base name of its file also names a variable of the proxy.
  public func check(owner: ComponentID) throws(DioptraError) {
    guard !file.isEmpty, file.consists(of: { $0.isASCIIAlphanumeric || $0 == "_" }) else {
      throw DioptraError(
        .componentInvalid, "component '\(owner)' contributes the proxy stream \(file.quoted)",
        remedy: "Use the characters a-z, A-Z, 0-9 and _")
    }
  }
}

extension Contribution {
  /// A TCP port that the reverse proxy passes through.
  public static func proxyStream(_ value: ProxyStream) -> Self { Self(value) }
}

extension Blueprint {
  /// Every TCP port that the proxy passes through, in the order of the components.
  public var proxyStreams: [Owned<ProxyStream>] { self[ProxyStream.self] }
}
