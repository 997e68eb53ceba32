import Foundation
import TestSupport
import Testing

struct ImagesCommandTests {
  @Test(arguments: ["28.2.2", "20.10.24"]) func imagesComeBackFromTheFile(version: String) async throws {
    let scene = try await ImagesShell(version: version)
    let names = try await scene.names()
    let images = try scene.images(names)
    let saved = try await scene.run("images", "save", "lab.images", "-C", "lab")
    #expect(saved.output.contains("lab.images, \(names.count) images"))
    let sum = try await Tool.run("sha256sum", [scene.scratch.file("lab.images")]).output.prefix { $0 != " " }
    #expect(saved.output.contains("SHA-256 \(sum)\n"))
    let listed = try await Tool.run("tar", ["-xOf", scene.scratch.file("lab.images"), "dioptra-images.json"])
    #expect(listed.output.contains("\"compression\" : \"\(version == "28.2.2" ? "zstd" : "gzip")\""))

    try scene.remove(Array(names.dropFirst()))
    let loaded = try await scene.run("images", "load", "lab.images")
    #expect(loaded.output.hasSuffix("\(names.count - 1) images loaded, 1 were there already\n"))
    #expect(try scene.images(names) == images)
    #expect(try scene.calls("image load") == names.count - 1)
    let again = try Shell.object(try await scene.run("images", "load", "lab.images", "--json", "-C", "lab"))
    let report = try #require(again["images"] as? [[String: Any]])
    #expect(report.compactMap { $0["loaded"] as? Bool } == names.map { _ in false })
  }

  @Test func anOldEngineGetsZstdDecompressed() async throws {
    let scene = try await ImagesShell()
    let names = try await scene.names()
    try await scene.run("images", "save", "lab.images", "-C", "lab")
    let script = try scene.scratch.read("bin/docker").replacing("28.2.2", with: "20.10.24")
    // Nothing else would notice.
    try scene.scratch.write(script.replacing("28b52ffd)", with: "28b52ffd) exit 1;; xxxx)"), to: "bin/docker")
    let images = try scene.images(names)
    try scene.remove(names)
    try await scene.run("images", "load", "lab.images")
    #expect(try scene.images(names) == images)
  }

  @Test func aMachineOfAnotherArchitectureRefusesTheFile() async throws {
    let scene = try await ImagesShell()
    try await scene.run("images", "save", "lab.images", "-C", "lab")
    try scene.scratch.write("linux/arm64\n", to: "store/.platform")
    let refused = try await scene.run("images", "load", "lab.images", status: 1)
    #expect(refused.errors.hasPrefix("dioptra: the images are made for linux/amd64, and the engine runs linux/arm64."))
    #expect(try scene.calls("image load") == 0)
  }

  @Test func anEngineThatBreaksOffLeavesAFileToResume() async throws {
    let scene = try await ImagesShell()
    let names = try await scene.names()
    let script = try scene.scratch.read("bin/docker")
    try scene.scratch.write(
      script.replacing(
        "\"image save\"*)", with: "\"image save \(names[2])\") echo half; echo broken >&2; exit 1 ;;\n\"image save\"*)"),
      to: "bin/docker")
    let failed = try await scene.run("images", "save", "lab.images", "-C", "lab", status: 1)
    #expect(failed.errors.contains("image save \(names[2])` failed: broken"), "\(failed.errors)")
    #expect(!FileManager.default.fileExists(atPath: scene.scratch.file("lab.images")))
    try scene.scratch.write(script, to: "bin/docker")
    let resumed = try Shell.object(try await scene.run("images", "save", "lab.images", "-C", "lab", "--json"))
    let images = try #require(resumed["images"] as? [[String: Any]])
    #expect(images.compactMap { $0["kept"] as? Bool } == names.indices.map { $0 < 2 })
    #expect(!FileManager.default.fileExists(atPath: scene.scratch.file("lab.images.part")))
  }

  /// The disk is full, or the process is killed, at one operation after the other; all goes into one file in the end.
  @Test(arguments: ["ENOSPC", "exit"]) func aSaveThatEndsAnywhereIsResumed(fault: String) async throws {
    let scene = try await ImagesShell()
    let names = try await scene.names()
    let images = try scene.images(names)
    let seed = UInt64.random(in: 0...9_999)
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<(Thorough.isOn ? 60 : 6) {
      let place = Int.random(in: 1...120, using: &generator)
      let outcome = try await scene.run(
        "images", "save", "lab.images", "-C", "lab", status: nil, fault: "\(fault):\(place)")
      let comment: Comment = "\(fault):\(place), seed \(seed): \(outcome.errors)"
      if outcome.status == 0 {
        try FileManager.default.removeItem(atPath: scene.scratch.file("lab.images"))
        continue
      }
      #expect(outcome.status == (fault == "exit" ? 99 : 1), comment)
      #expect(fault == "exit" || outcome.errors.contains("cannot be written: no space left on device"), comment)
      #expect(!FileManager.default.fileExists(atPath: scene.scratch.file("lab.images")), comment)
    }
    try await scene.run("images", "save", "lab.images", "-C", "lab")
    try scene.remove(names)
    try await scene.run("images", "load", "lab.images")
    #expect(try scene.images(names) == images, "seed \(seed)")
  }

  @Test func anInterruptedSaveEndsAtOnceAndIsResumed() async throws {
    let scene = try await ImagesShell()
    let names = try await scene.names()
    let script = try scene.scratch.read("bin/docker")
    try scene.scratch.write(
      script.replacing(
        "\"image save\"*)", with: "\"image save \(names[1])\") echo half; exec sleep 300 ;;\n\"image save\"*)"),
      to: "bin/docker")
    let interrupt = """
      "$0" images save lab.images -C lab & save=$!
      until grep -qx "image save $1" store/.calls; do kill -0 $save || exit 1; sleep 0.02; done
      kill -TERM $save; wait $save
      """
    let start = ContinuousClock.now
    let outcome = try await Tool.run(
      "bash", ["-c", interrupt, Tool.dioptra, names[1]],
      environment: ["HOME": scene.scratch.path, "PATH": "\(scene.scratch.file("bin")):/usr/bin:/bin"],
      in: scene.scratch.path)
    #expect(outcome.status == 130, "\(outcome.errors)")
    #expect(ContinuousClock.now - start < .seconds(200))
    #expect(!FileManager.default.fileExists(atPath: scene.scratch.file("lab.images")))
    try scene.scratch.write(script, to: "bin/docker")
    let resumed = try Shell.object(try await scene.run("images", "save", "lab.images", "-C", "lab", "--json"))
    let images = try #require(resumed["images"] as? [[String: Any]])
    #expect(images.compactMap { $0["kept"] as? Bool } == names.indices.map { $0 < 1 })
  }

  @Test func whatIsMissingIsNamedWithTheCommandThatFetchesIt() async throws {
    let scene = try await ImagesShell()
    let name = try #require(try await scene.names().last)
    try scene.remove([name])
    let outcome = try await scene.run("images", "save", "lab.images", "-C", "lab", status: 1)
    #expect(outcome.errors.hasPrefix("dioptra: the engine does not have \(name). "))
    #expect(outcome.errors.contains("`dioptra init`") && outcome.errors.contains("`docker pull \(name)`"))
    let table = try await scene.run("images", "list", "-C", "lab").output
    #expect(table.split(separator: "\n").contains { $0.hasPrefix(name) && $0.contains("missing") })
  }

  @Test func theImagesOfAnotherReleaseHaveItsTag() async throws {
    let scene = try await ImagesShell()
    let outcome = try await scene.run("images", "save", "x", "-C", "lab", "--release", "1.2.2", status: 1)
    #expect(outcome.errors.contains("restapi:1.2.2"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("dioptra init"))
  }

  @Test func withoutAnEngineTheListSaysSo() async throws {
    let shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input")
    let outcome = try await shell.dioptra("images", "list", in: "lab")
    #expect(outcome.status == 0 && outcome.errors == "Note: Docker is not installed; what is there is not known.\n")
    #expect(outcome.output.hasPrefix("IMAGE"))
    let saved = try await shell.dioptra("images", "save", "../x", in: "lab")
    #expect(saved.status == 1 && saved.errors.contains("Docker is not installed"))
  }

  @Test func theDigestsAreShownWhenAskedFor() async throws {
    let scene = try await ImagesShell()
    let table = try await scene.run("images", "list", "--digests", "-C", "lab").output
    #expect(table.contains("DIGEST") && table.contains("sha256:"))
    #expect(try await !scene.run("images", "-C", "lab").output.contains("sha256:"))
  }
}
