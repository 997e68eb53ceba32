import Foundation
import TestSupport
import Testing

struct RestoreCommandTests {
  @Test func whatIsThereIsNamedAndStaysUntilItIsAllowedToGo() async throws {
    let scene = try await BackupShell()
    let before = try scene.contents(of: "lab")
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try scene.scratch.write("newer", to: "lab/README.md")
    try scene.scratch.write("new", to: "lab/notes.txt")
    let dry = try await scene.run("restore", "a.bak", "lab", "--dry-run", status: 2)
    #expect(
      dry.output.contains("files would be overwritten, the old ones kept in .dioptra: .dioptra/state.db, README.md"))
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
    #expect(outcome.errors.contains("is not empty and no deployment"))
  }

  @Test func aDamagedStateIsReplacedAndKept() async throws {
    let scene = try await BackupShell()
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try scene.scratch.write("nonsense", to: "lab/.dioptra/state.db")
    try await scene.run("restore", "a.bak", "lab", "--overwrite")
    try await scene.run("history", "verify", "-C", "lab")
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
}

/// The process dies, or the system refuses, at places where something is written.
struct BackupFaultTests {
  @Test(arguments: ["exit", "ENOSPC"])
  func aBackupThatBreaksOffLeavesNoFileAndTheNextOneIsWhole(kind: String) async throws {
    let scene = try await BackupShell()
    let contents = try scene.contents(of: "lab")
    let places = try await FaultScene.everyPlace { place in
      let arguments = ["backup", "a.dioptra-backup", "-C", "lab", "--without-data"]
      let broken = try await FaultScene.dioptra(scene.scratch, arguments, fault: "\(kind):\(place)")
      if broken.succeeded {
        // The place right after a commit cannot be refused.
        let died = try await FaultScene.dioptra(
          scene.scratch, ["backup", "c.dioptra-backup"] + arguments.dropFirst(2), fault: "exit:\(place)")
        for name in ["a", "c"] {
          try? FileManager.default.removeItem(atPath: scene.scratch.file("\(name).dioptra-backup"))
        }
        return died.status == 99 ? .judged : .pastTheEnd
      }
      let isThere = try scene.scratch.files()["a.dioptra-backup"] != nil
      // Between its name and its entry in State the file is whole already.
      if isThere { _ = try await scene.run("restore", "a.dioptra-backup", "new\(place)") }
      try? FileManager.default.removeItem(atPath: scene.scratch.file("a.dioptra-backup"))
      try await scene.run("backup", "b.dioptra-backup", "-C", "lab", "--without-data")
      let left = try scene.scratch.files().keys.filter { $0.hasSuffix(".dioptra-new") }
      guard left.isEmpty else { return .failed("left behind: \(left)") }
      try FileManager.default.removeItem(atPath: scene.scratch.file("b.dioptra-backup"))
      return try scene.contents(of: "lab") == contents ? .judged : .failed("the folder changed")
    }
    #expect(places > 15)
    try await scene.run("history", "verify", "-C", "lab")
  }

  @Test func aRestorationThatBreaksOffAnywhereIsFinishedByTheSameCommand() async throws {
    let scene = try await BackupShell()
    let contents = try scene.contents(of: "lab")
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    try scene.removeLab()
    var place = 1
    var isPastTheEnd = false
    while !isPastTheEnd {
      let arguments = ["restore", "a.bak", "lab"]
      let broken = try await FaultScene.dioptra(scene.scratch, arguments, fault: "exit:\(place)")
      isPastTheEnd = broken.succeeded
      if !isPastTheEnd {
        let files = try scene.scratch.files(below: "lab")
        if files["dioptra.yaml"] != nil, files[".dioptra/restoring"] != nil {
          let start = try await FaultScene.dioptra(scene.scratch, ["init", "-C", "lab"])
          #expect(start.status == 1 && start.errors.contains("has not ended"), "place \(place)")
        }
        try await scene.run("restore", "a.bak", "lab")
      }
      #expect(try await scene.isWhole(as: contents), "place \(place)")
      #expect(try scene.scratch.files(below: "lab")[".dioptra/restoring"] == nil)
      try scene.removeLab()
      // The first and last places differ; those of one file are like those of another.
      place += place < 25 ? 1 : 6
    }
    #expect(place > 100)
  }

  @Test func aRestorationOverADeploymentThatBreaksOffLosesNeitherState() async throws {
    let scene = try await BackupShell()
    let contents = try scene.contents(of: "lab")
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    for place in 1...14 {
      try scene.scratch.write("newer \(place)", to: "lab/README.md")
      let arguments = ["restore", "a.bak", "lab", "--overwrite"]
      _ = try await FaultScene.dioptra(scene.scratch, arguments, fault: "exit:\(place)")
      try await scene.run("restore", "a.bak", "lab", "--overwrite")
      #expect(try await scene.isWhole(as: contents), "place \(place)")
      let files = try scene.scratch.files(below: "lab").keys
      let kept = try files.filter { $0.hasPrefix(".dioptra/kept/") && $0.hasSuffix("/README.md") }
        .map { try scene.scratch.read("lab/\($0)") }
      #expect(kept.contains("newer \(place)"), "place \(place)")
      for file in files where file.hasPrefix(".dioptra/kept/") || file.contains("before-restore") {
        try? FileManager.default.removeItem(atPath: scene.scratch.file("lab/\(file)"))
      }
    }
  }
}
