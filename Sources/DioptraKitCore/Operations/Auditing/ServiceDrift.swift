internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem

extension EngineDrift {
  /// Services that differ from the deployment's files, and missing ones.
  func serviceDifferences() async throws -> [Difference] {
    try await engine.services(of: deployment, hiding: secrets).deviations().map { deviation in
      let name = deployment.shortName(of: deviation.service)
      let remedy: Remedy = deviation.kind == .noContainer ? .run("dioptra", "start") : .run("dioptra", "restart", name)
      return Difference(
        subject: "service \(name)", component: owner(of: name), state: deviation.kind.text, remedy: remedy)
    }
  }

  private func owner(of service: String) -> ComponentID {
    deployment.blueprint.services.first { $0.name.rawValue == service }?.owner ?? ""
  }
}

extension ServiceDeviation.Kind {
  fileprivate var text: String {
    switch self {
    case .noContainer: "has no container"
    case .image(let name): "runs the image \(name)"
    case .olderImage(let name): "runs an older \(name)"
    case .variables(let names): "has a different \(names.joined(separator: ", "))"
    case .command: "runs a different command"
    }
  }
}
