internal import DioptraModel
internal import DioptraPlatform

extension ReferenceService {
  /// A service as the platform itself reads it.
  init(_ service: MergedProject.Service) {
    self.init(
      image: service.image?.withTag, healthCheck: service.healthCheck,
      ports: service.ports.compactMap { port in
        guard let published = port.published.flatMap({ Int($0) }) else { return nil }
        return Port(hostPort: published, containerPort: port.target, address: port.address ?? "")
      })
  }
}
