import DioptraKitCore

/// The ports that the proxy publishes: the front page first, then databases, then the other pages by number.
struct PortList {
  let servers: [ProxyServer]
  let streams: [ProxyStream]

  func ports(isSecure: Bool, isLocal: Bool) -> [PublishedPort] {
    let front = servers.filter(\.isDefault).flatMap { $0.ports(isSecure: isSecure, isLocal: isLocal) }
    let passed = streams.map { stream in
      PublishedPort(
        hostPort: stream.hostPort, containerPort: stream.port, summary: stream.summary, isLocal: isLocal)
    }
    let pages = servers.filter { !$0.isDefault }.sortedByPort.flatMap { $0.ports(isSecure: isSecure, isLocal: isLocal) }
    return front + passed + pages
  }
}

extension [ProxyServer] {
  var sortedByPort: [ProxyServer] { sorted { $0.port < $1.port } }
}

extension ProxyServer {
  func ports(isSecure: Bool, isLocal: Bool) -> [PublishedPort] {
    var ports = [PublishedPort(hostPort: hostPort, containerPort: port, summary: summary, isLocal: isLocal)]
    if isSecure, let tlsPort, let tlsHostPort {
      ports.append(
        PublishedPort(
          hostPort: tlsHostPort, containerPort: tlsPort, summary: "\(summary), HTTPS", isLocal: isLocal))
    }
    return ports
  }

  /// The targets of the health check; a server that redirects is checked at both ports.
  func healthURLs(isSecure: Bool) -> [Text] {
    guard let healthPath else { return [] }
    guard isSecure else { return ["http://localhost:\(port)\(healthPath)"] }
    guard let tlsPort else { return ["https://localhost:\(port)\(healthPath)"] }
    return ["http://localhost:\(port)\(healthPath)", "https://localhost:\(tlsPort)\(healthPath)"]
  }
}

extension ProxyLocation {
  var endpoint: EndpointName? {
    switch action {
    case .pass(let endpoint), .passReplacing(let endpoint, _): endpoint
    case .files: nil
    }
  }
}
