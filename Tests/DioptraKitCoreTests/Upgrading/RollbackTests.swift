import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

struct RollbackTests {
  @Test func filesAndConfigurationAreRestoredAsANewGenerationAndSecretsAreKept() throws {
    let deployment = try VersionedDeployment("size: 7\n")
    let before = try contents(deployment)
    try deployment.upgrade(to: 3)
    try deployment.rollback(version: 3)
    #expect(try contents(deployment) == before)
    #expect(try deployment.folder.entry("config/box.conf") == nil)
    #expect(try deployment.state.newestGeneration() == 3)
    #expect(Set(try deployment.state.secretVersions().keys) == ["key", "box_key", "lid"])
  }

  @Test func whatWasRolledBackCanBeUpgradedAgain() throws {
    let deployment = try VersionedDeployment("size: 7\n")
    try deployment.upgrade(to: 3)
    let after = try contents(deployment)
    try deployment.rollback(version: 3)
    let again = try deployment.upgrade(to: 3)
    #expect(again.migrations.map(\.id) == ["box.capacity", "box.bigger"])
    #expect(try contents(deployment) == after)
  }

  @Test func theUsersEditsGoBackWithTheFile() throws {
    let deployment = try VersionedDeployment()
    try deployment.upgrade(to: 2)
    let text = try deployment.scratch.read("config/box.conf")
    try deployment.scratch.write(text + "# mine\n", to: "config/box.conf")
    try deployment.rollback(version: 2)
    #expect(try deployment.scratch.read("conf/box.conf").hasSuffix("end\n# mine\n"))
    #expect(try deployment.scratch.read("conf/box.conf").contains("version 1"))
    #expect(try deployment.folder.entry("config/box.conf") == nil)
  }

  @Test func oneWayMigrationsAndLoweredImagesBlockARollbackUntilAllowed() throws {
    let deployment = try VersionedDeployment(version: 3, "release: 1.1.0\nserver: old/server:1.1.0\n")
    try deployment.upgrade(to: 3, UpgradeRequest(release: "1.2.0", allowed: ["box.schema-1.2"]))
    let refusal = #expect(throws: Refusal.self) { try deployment.rollback(version: 3) }
    let problem = try #require(refusal?.error.problem)
    #expect(problem.contains("box.schema-1.2: ") && problem.contains("image:server: "))
    #expect(throws: Refusal.self) { try deployment.rollback(version: 3, allowing: ["box.schema-1.2"]) }
    #expect(throws: DioptraError.self) { try deployment.rollback(version: 3, allowing: ["image:other"]) }
    try deployment.rollback(version: 3, allowing: ["box.schema-1.2", "image:server"])
    #expect(try deployment.configuration.values["release"] == "1.1.0")
  }

  @Test func anUnappliedConfigurationIsMergedOrBlocksIt() throws {
    let deployment = try VersionedDeployment("size: 7\n# one\n# two\n# three\n")
    try deployment.upgrade(to: 2)
    let text = try deployment.scratch.read("dioptra.yaml")
    try deployment.scratch.write(text + "# mine\n", to: "dioptra.yaml")
    try deployment.rollback(version: 2)
    #expect(try deployment.scratch.read("dioptra.yaml") == "size: 7\n# one\n# two\n# three\n# mine\n")
    try deployment.upgrade(to: 2)
    try deployment.scratch.write("capacity: 8\n# one\n# two\n# three\n# mine\n", to: "dioptra.yaml")
    let error = #expect(throws: DioptraError.self) { try deployment.rollback(version: 2) }
    #expect(error?.exitCode == .conflicts)
  }

  @Test func aRollbackBeyondTheFirstOrToAnUnknownGenerationIsRefused() throws {
    let deployment = try VersionedDeployment()
    #expect(throws: DioptraError.self) { try deployment.rollback(version: 1) }
    #expect(throws: DioptraError.self) { try deployment.rollback(to: 9, version: 1) }
  }

  private func contents(_ deployment: VersionedDeployment) throws -> [String: String] {
    let files = try deployment.scratch.files().keys.filter { !$0.hasPrefix(".dioptra/") }
    return try Dictionary(uniqueKeysWithValues: files.map { ($0, try deployment.scratch.read($0)) })
  }
}
