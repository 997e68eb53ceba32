import DioptraKitCore

/// The ports that the proxy publishes: the front page first, then databases, then the other pages by number.
struct PortList {
  let servers: [ProxyServer]
  let streams: [ProxyStream]

  func ports(isSecure: Bool, exposure: PublishedPort.Exposure) -> [PublishedPort] {
    let front = servers.filter(\.isDefault).flatMap { $0.ports(isSecure: isSecure, exposure: exposure) }
    let passed = streams.map { stream in
      PublishedPort(
        hostPort: stream.hostPort, containerPort: stream.port, summary: stream.summary, exposure: exposure)
    }
    let pages = servers.filter { !$0.isDefault }.sortedByPort.flatMap {
      $0.ports(isSecure: isSecure, exposure: exposure)
    }
    return front + passed + pages
  }
}

extension [ProxyServer] {
  var sortedByPort: [ProxyServer] { sorted { $0.port < $1.port } }
}

extension ProxyServer {
  func ports(isSecure: Bool, exposure: PublishedPort.Exposure) -> [PublishedPort] {
    var ports = [PublishedPort(hostPort: hostPort, containerPort: port, summary: summary, exposure: exposure)]
    if isSecure, let tlsPort, let tlsHostPort {
      ports.append(
        PublishedPort(
          hostPort: tlsHostPort, containerPort: tlsPort, summary: "\(summary), HTTPS", exposure: exposure))
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
