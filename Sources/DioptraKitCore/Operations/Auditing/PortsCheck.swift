internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// Whether each published port is free or used by this deployment.
struct PortsCheck: HostCheck {
  let title = "ports"

  /// A port of the host that the deployment publishes.
  private struct Published {
    let number: UInt16
    /// The address of the host at which it is published; nil for all.
    let address: String?
    let summary: String
    /// How to choose another port.
    let choice: Remedy
  }

  func findings(in host: HostContext) async throws -> [CheckFinding] {
    let ports = published(host)
    guard !ports.isEmpty else { return [] }
    var ours: Set<Int> = []
    if let engine = host.engine {
      ours = Set(try await engine.executor(for: host.deployment).publishedPorts())
    }
    let taken = ports.filter { !ours.contains(Int($0.number)) && HostPort.isTaken($0.number, at: $0.address) }
    if taken.isEmpty {
      let list = ports.map { String($0.number) }.joined(separator: ", ")
      return [.ok("\(list) \(ports.count == 1 ? "is" : "are") \(ours.isEmpty ? "free" : "used by this deployment")")]
    }
    return taken.map { port in
      .error(
        "port \(port.number) (\(port.summary)) is in use by another program",
        remedy: "Stop that program (\(run: "ss", "-ltnp") shows it), or choose another port\(port.choice)")
    }
  }

  /// What the platform publishes, with the user's own files; what the components say where it cannot be asked.
  private func published(_ host: HostContext) -> [Published] {
    let known = host.blueprint.services.flatMap { service in
      service.ports.map { (service: host.deployment.serviceName(service.name), port: $0) }
    }
    guard case .success(let project)? = host.project else {
      return known.compactMap { _, port in
        port.number.map {
          Published(number: $0, address: "127.0.0.1", summary: port.summary, choice: port.choice)
        }
      }
    }
    return project.published.map { service, port, number in
      let origin = known.first { $0.service == service && $0.port.containerPort == port.target }?.port
      return Published(
        number: number, address: port.address, summary: origin?.summary ?? service,
        choice: origin.flatMap { $0.number == number ? $0.choice : nil }
          ?? " in \(edit: host.deployment.dialect.words.ownFile)"
      )
    }
  }
}

extension PublishedPort {
  fileprivate var number: UInt16? { hostPort.characters.flatMap(UInt16.init) }

  /// The command that changes the port's variable.
  fileprivate var choice: Remedy {
    for case .variable(let name, _) in hostPort.segments.map(\.content) {
      return ": \(dioptra: "config", "set", "\(name)=…")"
    }
    return ""
  }
}

/// A TCP port of this host.
enum HostPort {
  /// Whether a program listens on it.
  ///
  /// - Parameter address: An IPv4 address of this host; anything else means the host itself.
  static func isTaken(_ number: UInt16, at address: String?) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = number.bigEndian
    if inet_pton(AF_INET, address ?? "", &target.sin_addr) != 1 || target.sin_addr.s_addr == 0 {
      target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    }
    return withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
