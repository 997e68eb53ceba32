import Foundation
import Plugins
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// A deployment as an older version of the program left it: its State as SQL, from which its files come too.
///
/// Kept for every version of the template from the first one on, with `Fixtures/make`.
enum DeploymentFixture {
  static let names = ["version-0.1.0-early", "version-1", newest]

  /// The one that this version of the template makes.
  static let newest = "version-\(ReferenceDeployment.templateVersion)"

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")

  /// Makes the deployment in a folder of the scratch folder.
  static func write(_ name: String, to scratch: Scratch, folder path: String) async throws {
    let sql = try String(contentsOf: folder.appending(path: "\(name).sql"), encoding: .utf8)
    let path = scratch.file(path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let folder = try ConfinedFolder(path: path)
    try ProgramFolder.make(in: folder)
    try folder.write(State.file, [], mode: 0o600, synced: false)
    let made = try await Tool.run("sqlite3", ["-bail", "\(path)/\(State.file)"], input: sql)
    try #require(made.succeeded, "\(made.errors)")
    let (values, version) = try (secrets(folder), generation(folder))
    try folder.write(ConfigurationFile.name, Array(version.configuration.utf8), mode: 0o644, synced: false)
    for (path, file) in version.files {
      guard let recorded = file.recorded else { continue }
      try folder.write(path, try recorded.text.bytes(secrets: values), mode: recorded.mode, synced: false)
    }
  }

  private static func secrets(_ folder: ConfinedFolder) throws -> SecretValues {
    try #require(try State(readingIn: folder)).secretValues()
  }

  private static func generation(_ folder: ConfinedFolder) throws -> State.Generation {
    try #require(try State(readingIn: folder)?.appliedGeneration())
  }
}
