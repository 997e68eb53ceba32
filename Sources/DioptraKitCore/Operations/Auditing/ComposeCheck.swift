internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Whether Compose can read the deployment's files, including the user's override.
struct ComposeCheck: HostCheck {
  let title = "Compose files"
  let appearsInStatus = false

  func findings(in host: HostContext) throws -> [CheckFinding] {
    guard let project = try host.project?.get() else { return [] }
    let own = project.own(in: host.deployment)
    let count = "\(project.services.count) services"
    return [
      .ok("valid for Compose: \(count)" + (own.isEmpty ? "" : ", including your own: \(own.joined(separator: ", "))"))
    ]
  }
}
