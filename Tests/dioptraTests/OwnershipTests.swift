import Foundation
import TestSupport
import Testing

struct OwnershipTests {
  @Test(.enabled(if: getuid() == 0, "only root can give files away"))
  func filesThatRootCreatesInAUsersFolderBelongToThatUser() async throws {
    let shell = try Shell()
    try FileManager.default.createDirectory(atPath: shell.scratch.file("lab"), withIntermediateDirectories: false)
    try FileManager.default.setAttributes(
      [.ownerAccountID: 4321, .groupOwnerAccountID: 4321], ofItemAtPath: shell.scratch.file("lab"))
    for variable in ["DIOPTRA_ALLOW": shell.scratch.file("lab"), "SUDO_UID": "4321"] {
      let change = ["init", "lab", "--no-input", "--set", "release=1.2.2", "--set", "deployment_name=\(variable.key)"]
      let outcome = try await Tool.run(
        Tool.dioptra, change, environment: [variable.key: variable.value], in: shell.scratch.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let walker = try #require(FileManager.default.enumerator(atPath: shell.scratch.file("lab")))
    for case let name as String in walker {
      let attributes = try FileManager.default.attributesOfItem(atPath: shell.scratch.file("lab/\(name)"))
      #expect(attributes[.ownerAccountID] as? Int == 4321, "\(name)")
    }
  }

  @Test func lookingChangesNothing() async throws {
    let shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "release=1.2.2")
    let before = try snapshot(shell)
    for command in [["status"], ["config", "list"], ["component", "show", "nginx"], ["secret", "list"]] {
      #expect(try await Tool.run(Tool.dioptra, command, in: shell.scratch.file("lab")).status == 0)
    }
    #expect(try await shell.dioptra("init", "--dry-run", "--set", "container_tag=dev", in: "lab").status == 2)
    #expect(try snapshot(shell) == before)
  }

  private func snapshot(_ shell: Shell) throws -> [String: Data] {
    let files = try shell.scratch.files(below: "lab")
    return try Dictionary(
      uniqueKeysWithValues: files.keys.map {
        ($0, try Data(contentsOf: URL(filePath: shell.scratch.file("lab/\($0)"))))
      })
  }
}
