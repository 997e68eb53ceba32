internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering

/// Whether the platform can read the deployment's files, the user's own with them.
struct ProjectCheck: HostCheck {
  let words: PlatformWords

  var title: String { "\(words.reader) files" }

  func findings(in host: HostContext) throws -> [CheckFinding] {
    guard let project = try host.project?.get() else { return [] }
    let own = project.own(in: host.deployment)
    let count = "\(project.services.count) services"
    return [
      .ok(
        "valid for \(words.reader): \(count)"
          + (own.isEmpty ? "" : ", including your own: \(own.joined(separator: ", "))")
      )
    ]
  }
}
