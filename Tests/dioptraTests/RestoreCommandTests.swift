import Foundation
import TestSupport
import Testing

struct RestoreCommandTests {
  @Test func existingFilesAreListedAndKeptUnlessOverwriteIsGiven() async throws {
    let scene = try await BackupShell()
    let before = try scene.contents(of: "lab")
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try scene.scratch.write("newer", to: "lab/README.md")
    try scene.scratch.write("new", to: "lab/notes.txt")
    let dry = try await scene.run("restore", "a.bak", "lab", "--dry-run", status: 2)
    #expect(
      dry.output.contains(
        "files would be overwritten (the old ones are kept in .dioptra): .dioptra/state.db, README.md"))
    let refused = try await scene.run("restore", "a.bak", "lab", status: 1)
    #expect(refused.output.contains("README.md"))
    #expect(refused.errors.contains("allow it with --overwrite"))
    #expect(try scene.scratch.read("lab/README.md") == "newer")
    try await scene.run("restore", "a.bak", "lab", "--overwrite")
    var expected = before
    expected["notes.txt"] = Data("new".utf8)
    #expect(try scene.contents(of: "lab") == expected)
    let files = try scene.scratch.files(below: "lab")
    let kept = try #require(files.keys.first { $0.hasPrefix(".dioptra/kept/restore-") && $0.hasSuffix("/README.md") })
    #expect(try scene.scratch.read("lab/\(kept)") == "newer" && files[kept] == 0o600)
    #expect(files.keys.contains { $0.hasPrefix(".dioptra/state.db.before-restore-") })
    try await scene.run("history", "verify", "-C", "lab")
  }

  @Test func aDryRunWritesNothing() async throws {
    let scene = try await BackupShell()
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    let report = try Shell.object(try await scene.run("restore", "a.bak", "new", "--dry-run", "--json", status: 2))
    #expect(
      (report["changes"] as? [[String: String]])?.contains { $0 == ["path": ".env", "action": "create"] } == true)
    #expect(!FileManager.default.fileExists(atPath: scene.scratch.file("new")))
  }

  @Test func aFolderOfSomethingElseIsRefused() async throws {
    let scene = try await BackupShell()
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try scene.scratch.write("mine", to: "other/thesis.tex")
    let outcome = try await scene.run("restore", "a.bak", "other", "--overwrite", status: 1)
    #expect(outcome.errors.contains("is not empty and not a deployment"))
  }

  @Test func aDamagedStateIsReplacedAndKept() async throws {
    let scene = try await BackupShell()
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try scene.scratch.write("nonsense", to: "lab/.dioptra/state.db")
    try await scene.run("restore", "a.bak", "lab", "--overwrite")
    try await scene.run("history", "verify", "-C", "lab")
    let files = try scene.scratch.files(below: "lab")
    let kept = try #require(files.keys.first { $0.hasPrefix(".dioptra/state.db.before-restore-") })
    #expect(try scene.scratch.read("lab/\(kept)") == "nonsense" && files[kept] == 0o600)
  }

  @Test func aLinkInTheFolderIsNotWrittenThrough() async throws {
    let scene = try await BackupShell()
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try FileManager.default.removeItem(atPath: scene.scratch.file("lab/ssl"))
    try scene.scratch.write("", to: "outside/nothing")
    try FileManager.default.createSymbolicLink(
      atPath: scene.scratch.file("lab/ssl"), withDestinationPath: scene.scratch.file("outside"))
    try await scene.run("restore", "a.bak", "lab", "--overwrite")
    #expect(try scene.scratch.files(below: "outside").keys.sorted() == ["nothing"])
    #expect(try scene.scratch.read("lab/ssl/nginx/server.key") == "mine")
  }

  @Test func dataAloneAreRestoredOnlyIntoTheSameDeployment() async throws {
    let scene = try await BackupShell()
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    let none = try await scene.run("restore", "a.bak", "lab", "--only-data", status: 1)
    #expect(none.errors.contains("the backup holds no data"))
    let nothing = try await scene.run("restore", "a.bak", "lab", "--only-data", "--without-data", status: 64)
    #expect(nothing.errors.contains("leave nothing to restore"))
  }
}
