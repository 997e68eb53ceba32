import Foundation
import TestSupport
import Testing

struct BackupCommandTests {
  @Test func aFolderComesBackByteForByteWithStateSecretsAndEdits() async throws {
    let scene = try await BackupShell()
    let before = try scene.contents(of: "lab")
    let modes = try scene.modes(of: "lab")
    let drift = try await scene.run("drift", "-C", "lab", "--json", status: 2).output
    let password = try await scene.run("secret", "show", "minio_root_password", "-C", "lab").output
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try scene.removeLab()
    let outcome = try await scene.run("restore", "a.bak", "lab")
    #expect(outcome.output.contains("64 files written"))
    #expect(try scene.contents(of: "lab") == before)
    #expect(try scene.modes(of: "lab") == modes)
    #expect(try scene.scratch.files(below: "lab")[".dioptra/state.db"] == 0o600)
    #expect(try await scene.run("drift", "-C", "lab", "--json", status: 2).output == drift)
    #expect(try await scene.run("secret", "show", "minio_root_password", "-C", "lab").output == password)
    try await scene.run("history", "verify", "-C", "lab")
    let history = try Shell.object(try await scene.run("history", "--json", "-C", "lab"))
    let runs = try #require(history["runs"] as? [[String: Any]])
    #expect(runs.compactMap { $0["outcome"] as? String } == ["succeeded", "succeeded"])
    #expect((runs.first?["command"] as? String)?.contains("restore a.bak lab") == true)
    #expect(try await scene.run("init", "lab").output.contains("nothing to change"))
  }

  @Test func inAnotherFolderOnlyWhatNamesTheFolderChanges() async throws {
    let scene = try await BackupShell()
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try await scene.run("restore", "a.bak", "elsewhere/lab")
    let before = try scene.contents(of: "lab")
    let after = try scene.contents(of: "elsewhere/lab")
    #expect(before.keys.sorted() == after.keys.sorted())
    #expect(before.keys.filter { before[$0] != after[$0] } == ["systemd/dioptra.service"])
    let drift = try Shell.object(try await scene.run("drift", "-C", "elsewhere/lab", "--json", status: 2))
    #expect((drift["findings"] as? [[String: Any]])?.compactMap { $0["path"] as? String } == ["docker-compose.yml"])
  }

  @Test func aBackupReportsItsContentsAndIsRecorded() async throws {
    let scene = try await BackupShell()
    let outcome = try await scene.run("backup", "a.bak", "-C", "lab", "--without-data", "--json")
    let report = try Shell.object(outcome)
    #expect(report["path"] as? String == scene.scratch.file("a.bak"))
    #expect(report["encrypted"] as? Bool == false)
    let sum = try await Tool.run("sha256sum", [scene.scratch.file("a.bak")]).output.prefix { $0 != " " }
    #expect(report["digest"] as? String == String(sum))
    let members = try #require(report["members"] as? [[String: Any]])
    #expect(members.first?["name"] as? String == "state.db")
    #expect(members.contains { $0["name"] as? String == "folder/docker-compose.override.yml" })
    let recorded = try await Tool.run(
      "sqlite3", [scene.scratch.file("lab/.dioptra/state.db"), "SELECT path, digest, encrypted FROM backup"])
    // Without data it is no way back, and `upgrade` must not take it for one.
    #expect(recorded.output.isEmpty && recorded.succeeded)
    #expect(try await scene.run("history", "-C", "lab").output.contains("dioptra backup a.bak"))
    try await scene.run("history", "verify", "-C", "lab")
    #expect(try scene.scratch.files()["a.bak"] == 0o600)
  }

  @Test func withAPassphraseNothingCanBeReadWithoutIt() async throws {
    let scene = try await BackupShell()
    try scene.scratch.write("correct horse\nsecond line\n", to: "passphrase")
    let outcome = try await scene.run(
      "backup", "a.bak", "-C", "lab", "--without-data", "--passphrase-file", "passphrase", "--json")
    #expect(try Shell.object(outcome)["encrypted"] as? Bool == true)
    let password = try await scene.run("secret", "show", "minio_root_password", "-C", "lab").output.dropLast()
    let bytes = try Data(contentsOf: URL(filePath: scene.scratch.file("a.bak")))
    #expect(bytes.range(of: Data(password.utf8)) == nil && bytes.range(of: Data("dioptra.yaml".utf8)) == nil)
    let none = try await scene.run("restore", "a.bak", "new", status: 1)
    #expect(none.errors.contains("the backup is encrypted. Give its passphrase with --passphrase-file"))
    let wrong = try await scene.run(
      "restore", "a.bak", "new", status: 1, environment: ["DIOPTRA_BACKUP_PASSPHRASE": "wrong"])
    #expect(wrong.errors.contains("the passphrase is not that of the backup"))
    #expect(!FileManager.default.fileExists(atPath: scene.scratch.file("new")))
    try await scene.run("restore", "a.bak", "new", "--passphrase-file", "-", input: "correct horse\n")
    let history = try await scene.run("history", "--json", "-C", "new")
    #expect(!history.output.contains("correct horse"))
    let nobody = try await scene.run("backup", "b.bak", "-C", "lab", "--without-data", "--encrypt", status: 64)
    #expect(nobody.errors.contains("no terminal to ask on"))
  }

  @Test func aFileIsNeverOverwrittenNorPutIntoTheFolder() async throws {
    let scene = try await BackupShell()
    try scene.scratch.write("mine", to: "a.bak")
    let there = try await scene.run("backup", "a.bak", "-C", "lab", "--without-data", status: 1)
    #expect(there.errors.contains("a.bak exists already"))
    #expect(try scene.scratch.read("a.bak") == "mine")
    try FileManager.default.createSymbolicLink(
      atPath: scene.scratch.file("link"), withDestinationPath: scene.scratch.file("lab/ssl"))
    for place in ["lab/a.bak", "lab/ssl/a.bak", "link/a.bak"] {
      let inside = try await scene.run("backup", place, "-C", "lab", "--without-data", status: 1)
      #expect(inside.errors.contains("is inside the deployment's folder"))
    }
    let outcome = try await scene.shell.dioptra("backup", "--without-data", "--quiet", in: "lab")
    #expect(outcome.output.hasPrefix("\(scene.scratch.path)/dioptra-deployment-20"))
    #expect(outcome.output.hasSuffix(".dioptra-backup\n"))
  }

  @Test func withoutDockerTheDataCannotBeRead() async throws {
    let scene = try await BackupShell()
    let outcome = try await scene.run("backup", "a.bak", "-C", "lab", status: 1)
    #expect(outcome.errors.contains("Docker is not installed"))
    #expect(outcome.errors.contains("--without-data"))
    #expect(try scene.scratch.files()["a.bak"] == nil)
  }

  @Test func linksAreNamedAndNotFollowed() async throws {
    let scene = try await BackupShell()
    try FileManager.default.createSymbolicLink(
      atPath: scene.scratch.file("lab/ssl/ca-certificates/mine.crt"), withDestinationPath: "/etc/hostname")
    let outcome = try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    #expect(outcome.errors.contains("Note: ssl/ca-certificates/mine.crt is a symbolic link, and not in the backup."))
  }
}
