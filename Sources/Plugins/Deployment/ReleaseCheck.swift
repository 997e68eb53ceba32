import DioptraKitCore

/// Whether a newer release of Dioptra is known.
struct ReleaseCheck: DoctorCheck {
  let title = "release"

  func findings(in context: CheckContext) throws -> [CheckFinding] {
    let release = try context.configuration["release"]
    guard let newest = DeploymentComponent.releases.last, newest != release else {
      return [.ok("\(release) is the newest release that this version of dioptra knows")]
    }
    return [.ok("\(release); this version of dioptra also knows \(newest)")]
  }
}
