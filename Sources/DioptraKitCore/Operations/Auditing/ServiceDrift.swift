internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem

extension EngineDrift {
  /// Services that run otherwise than the deployment's files say, and those that do not run.
  func serviceDifferences() async throws -> [Difference] {
    try await engine.services(of: deployment, hiding: secrets).deviations().map { deviation in
      let name = short(deviation.service)
      let remedy: Remedy = deviation.kind == .noContainer ? .run("dioptra", "start") : .run("dioptra", "restart", name)
      return Difference(
        subject: "service \(name)", component: owner(of: name), state: deviation.kind.words, remedy: remedy)
    }
  }

  private func short(_ service: String) -> String {
    let prefix = "\(deployment.configuration.slug)-"
    return service.hasPrefix(prefix) ? String(service.dropFirst(prefix.count)) : service
  }

  private func owner(of service: String) -> ComponentID {
    deployment.blueprint.services.first { $0.name.rawValue == service }?.owner ?? ""
  }
}

extension ServiceDeviation.Kind {
  fileprivate var words: String {
    switch self {
    case .noContainer: "has no container"
    case .image(let name): "runs the image \(name)"
    case .olderImage(let name): "runs an older \(name)"
    case .variables(let names): "has another \(names.joined(separator: ", "))"
    case .command: "runs another command"
    }
  }
}
