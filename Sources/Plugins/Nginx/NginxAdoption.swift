import DioptraKitCore

extension NginxComponent {
  /// The proxy of a folder made by the reference template.
  func recognized(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    let service = try reference.required("nginx")
    let merged = reference.merged("nginx") ?? service
    let ports = merged.ports
    let isSecure =
      ports.contains { $0.containerPort == 30443 } || merged.healthCheck.contains { $0.hasPrefix("https:") }
    let name = try reference.rest(after: "server_name ", in: "config/nginx/http_restapi.conf")
    return reference.image("nginx_image", of: service) + (name.map { [.variable("nginx_server_name", $0)] } ?? [])
      + [.variable("enable_nginx_ssl", isSecure ? VariableType.on : VariableType.off)] + exposure(ports)
  }

  private func exposure(_ ports: [ReferenceService.Port]) -> [AdoptionFinding] {
    let open = ports.filter { !$0.isLocal }
    let variable = VariableName("nginx_expose_ports_on_localhost_only")
    guard !open.isEmpty else { return [.variable(variable, VariableType.on)] }
    guard open.count < ports.count else { return [.variable(variable, VariableType.off)] }
    let list = open.map { String($0.hostPort) }.joined(separator: ", ")
    return [
      .variable(variable, VariableType.on),
      .note(
        "some ports are open to others and some are not; what dioptra renders is open to this host only, so keep "
          + "\(list) in docker-compose.override.yml, or run `dioptra config set \(variable)=false`"),
    ]
  }
}
