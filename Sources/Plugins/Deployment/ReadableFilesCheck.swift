import DioptraKitCore

/// Whether containers can read their files: they run as other users than the folder's owner.
struct ReadableFilesCheck: DoctorCheck {
  let title = "containers' files"
  let isGuard = true

  func findings(in context: CheckContext) throws -> [CheckFinding] {
    // Root can read everything.
    let services = context.blueprint.services.map(\.value) + context.blueprint.initServices.map(\.value)
    let folders = Set(
      services.filter { $0.user != "root" }.flatMap(\.mounts).compactMap { mount in
        if case .folder(let path) = mount.source { path } else { nil }
      })
    let files = context.tree.files.filter { file in
      file.permissions != .secret && folders.contains { file.path == $0 || file.path.hasPrefix("\($0)/") }
    }
    let closed = files.map(\.path).filter { context.folder.isClosed($0) }
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
