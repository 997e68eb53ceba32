package import DioptraKitCore

extension DeploymentComponent {
  package var migrations: [Migration] {
    [
      Migration(
        "deployment.credentials", "Files with passwords are complete and private.",
        version: .release("1.2.2"), check: Self.checkCredentials),
      Migration(
        "deployment.files", "dioptra takes over the folder's files; the reference template is no longer needed.",
        version: .template(1)
      ) { context in
        let release = try context.after["release"]
        guard !Self.releases.contains(release) else { return }
        throw DioptraError(
          .upgradeRequired, "the deployment has release \(release), whose files dioptra does not write",
          remedy: "Choose one with --release: \(Self.releases.joined(separator: ", "))")
      },
      Migration(
        "deployment.names",
        "dioptra.yaml has the prefix of volumes and services, and the Compose files name their project after it.",
        version: .template(2), changes: [.pinValue(of: "project_slug")]),
    ]
  }

  /// Some of the passwords are worse than none: the rest would be generated and not match.
  private static func checkCredentials(_ context: MigrationContext) throws {
    let paths = try context.secretFiles()
    let states = try paths.map { (path: $0, fault: try fault(at: $0, in: context.folder)) }
    let missing = states.filter { $0.fault == .missing }
    if missing.count == paths.count { return }
    guard let first = states.first(where: { $0.fault != nil }), let fault = first.fault else { return }
    throw DioptraError(
      .secretInvalid, "\(first.path) \(fault.rawValue), while others with passwords are in use",
      remedy: "Bring it back with \(dioptra: "drift", "--repair", first.path), then run the command again")
  }

  private enum Fault: String {
    case missing = "is missing"
    case empty = "is empty"
    case noFile = "is no regular file"
    case otherNames = "has a second name elsewhere"
  }

  private static func fault(at path: String, in folder: ConfinedFolder) throws -> Fault? {
    switch try folder.entry(path) {
    case nil: return .missing
    case .file:
      if try folder.read(path)?.isEmpty ?? true { return .empty }
      return try folder.linkCount(path) == 1 ? nil : .otherNames
    default: return .noFile
    }
  }
}
