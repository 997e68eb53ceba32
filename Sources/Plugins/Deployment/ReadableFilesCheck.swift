import DioptraKitCore

/// Whether what containers read is open to the users that they run as, which are not the folder's owner.
struct ReadableFilesCheck: DoctorCheck {
  let title = "containers' files"
  let isGuard = true

  func findings(in scene: CheckScene) throws -> [CheckFinding] {
    // Root reads everything.
    let services = scene.blueprint.services.map(\.value) + scene.blueprint.initServices.map(\.value)
    let folders = Set(
      services.filter { $0.user != "root" }.flatMap(\.mounts).compactMap { mount in
        if case .folder(let path) = mount.source { path } else { nil }
      })
    let files = scene.tree.files.filter { file in
      file.permissions != .secret && folders.contains { file.path == $0 || file.path.hasPrefix("\($0)/") }
    }
    let closed = files.map(\.path).filter { scene.folder.isClosed($0) }
    guard let first = closed.first else { return [] }
    let reaching = folders.filter { folder in closed.contains { $0 == folder || $0.hasPrefix("\(folder)/") } }
    return [
      .warning(
        "\(first)\(closed.count > 1 ? " and \(closed.count - 1) more files" : "") cannot be read by the containers that "
          + "need \(closed.count > 1 ? "them" : "it")",
        remedy: "Open them: \(run: ["chmod", "-R", "go+rX"] + reaching.sorted())")
    ]
  }
}
