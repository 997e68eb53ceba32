import Foundation
import TestSupport
import Testing

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
          #expect(start.status == 1 && start.errors.contains("was interrupted"), "place \(place)")
        }
        try await scene.run("restore", "a.bak", "lab")
      }
      #expect(try await scene.isWhole(as: contents), "place \(place)")
      #expect(try scene.scratch.files(below: "lab")[".dioptra/restoring"] == nil)
      try scene.removeLab()
      // The first and last places differ; those of one file are like those of another.
      place += place < 16 ? 1 : 23
    }
    #expect(place > 100)
  }

  @Test func aRestorationOverADeploymentThatBreaksOffLosesNeitherState() async throws {
    let scene = try await BackupShell()
    let contents = try scene.contents(of: "lab")
    try await scene.run("backup", "a.bak", "-C", "lab", "--without-data")
    for place in [1, 2, 4, 5, 6, 7, 8, 9, 11, 14] {
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
