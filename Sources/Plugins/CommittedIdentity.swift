public import DioptraKitCore

extension ReferenceDeployment {
  /// The identity with which a committed folder was rendered, read from its files: a clone has them without State.
  public static func committedIdentity(in folder: ConfinedFolder) throws -> Identity? {
    func text(_ path: String) throws -> String? {
      guard case .file? = try folder.entry(path) else { return nil }
      return try folder.read(path).map { String(decoding: $0, as: UTF8.self) }
    }
    let label = /org\.dioptrakit\.deployment: "(?<name>[0-9a-f]{16})"/
    guard let compose = try text("docker-compose.yml"), let match = try label.firstMatch(in: compose) else {
      return nil
    }
    let directory = try text("systemd/dioptra.service")?.firstMatch(of: /WorkingDirectory=(?<path>.+)/)?.output.path
    return Identity(
      deployment: String(match.output.name),
      folder: directory.map { String($0).replacing("%%", with: "%") } ?? folder.path)
  }
}
