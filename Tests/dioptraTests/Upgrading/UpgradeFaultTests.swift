import Foundation
import TestSupport
import Testing

/// An upgrade dies, or the system refuses, at every place where something is written. The next one finishes or undoes
/// it, and nothing is lost.
struct UpgradeFaultTests {
  private static let origins = UpgradeScene.Origin.all.filter { ["1.0.1", "version-0.1.0-early"].contains($0.name) }

  @Test(arguments: origins)
  func anUpgradeKilledAtAnyPointIsCompletedByTheNext(origin: UpgradeScene.Origin) async throws {
    let reference = try await UpgradeScene(origin, .some)
    let places = try await FaultScene.everyPlace { place in
      let scene = try reference.copy()
      let died = try await scene.upgrade("--conflict", "theirs", fault: "exit:\(place)")
      guard died.status == 99 else { return died.succeeded ? .pastTheEnd : .failed(died.errors) }
      return try await judge(scene, reference, ["upgrade", "-C", "lab", "--conflict", "theirs"])
    }
    print("upgrade of \(origin.name): died at each of \(places) places")
    #expect(places > 30)
  }

  @Test(arguments: ["ENOSPC", "EIO"])
  func anUpgradeThatFailsAtAnyPointIsCompletedByTheNext(code: String) async throws {
    let reference = try await UpgradeScene(UpgradeScene.Origin(name: "1.0.1", isAdopted: true), .some)
    let places = try await FaultScene.everyPlace { place in
      let scene = try reference.copy()
      let refused = try await scene.upgrade("--conflict", "theirs", fault: "\(code):\(place)")
      // The place right after a commit cannot be refused.
      if refused.succeeded { return place > 40 ? .pastTheEnd : .judged }
      guard refused.status == 1 else { return .failed(refused.errors) }
      let again = UpgradeScene.allowances.dropFirst().flatMap { ["--allow-one-way", $0] }
      return try await judge(
        scene, reference, ["upgrade", "-C", "lab", "--release", "1.2.2", "--conflict", "theirs"] + again)
    }
    #expect(places > 30)
  }

  @Test func aRollbackKilledAtAnyPointIsCompletedByTheSameCommand() async throws {
    let reference = try await UpgradeScene(UpgradeScene.Origin(name: DeploymentFixture.newest, isAdopted: false), .some)
    #expect(try await reference.upgrade().status == 0)
    let plan = try Shell.object(try await reference.dioptra("rollback", "1", "--dry-run", "--json", "-C", "lab"))
    let barriers = try #require(plan["barriers"] as? [[String: Any]]).compactMap { $0["id"] as? String }
    let command = ["rollback", "1", "-C", "lab"] + barriers.flatMap { ["--allow", $0] }
    let secrets = try reference.secrets()
    let places = try await FaultScene.everyPlace { place in
      let scene = try reference.copy()
      let died = try await scene.dioptra(command, fault: "exit:\(place)")
      guard died.status == 99 else { return died.succeeded ? .pastTheEnd : .failed(died.errors) }
      let finished = try await scene.dioptra(command)
      guard finished.succeeded else { return .failed(finished.errors) }
      guard try scene.secrets() == secrets else { return .failed("the secrets changed") }
      for path in scene.edited where try !scene.hasLine(path) { return .failed("the edit of \(path) is lost") }
      let status = try Shell.object(try await scene.dioptra("status", "--json", "-C", "lab"))
      guard status["release"] as? String == "1.1.0", status["unfinished"] as? Bool == false else {
        return .failed("status: \(status)")
      }
      return try await scene.dioptra("history", "verify", "-C", "lab").succeeded ? .judged : .failed("the chain broke")
    }
    print("rollback: died at each of \(places) places")
    #expect(places > 15)
  }

  /// A way back that died asks an upgrade for nothing that cannot be.
  @Test func anUpgradeAfterAnInterruptedRollbackSaysWhatToDo() async throws {
    let scene = try await UpgradeScene(UpgradeScene.Origin(name: DeploymentFixture.newest, isAdopted: false))
    #expect(try await scene.upgrade().status == 0)
    let plan = try Shell.object(try await scene.dioptra("rollback", "1", "--dry-run", "--json", "-C", "lab"))
    let barriers = try #require(plan["barriers"] as? [[String: Any]]).compactMap { $0["id"] as? String }
    let command = ["rollback", "1", "-C", "lab"] + barriers.flatMap { ["--allow", $0] }
    let before = try scene.contents()
    var died = try await scene.dioptra(command, fault: "exit:1")
    for place in 2..<60 where try died.status == 99 && scene.contents() == before {
      died = try await scene.dioptra(command, fault: "exit:\(place)")
    }
    try #require(died.status == 99)
    let upgrade = try await scene.dioptra("upgrade", "-C", "lab")
    #expect(upgrade.succeeded || upgrade.errors.contains("dioptra rollback"), "\(upgrade.errors)")
    #expect(try await scene.dioptra(command).succeeded)
  }

  private func judge(
    _ scene: UpgradeScene, _ reference: UpgradeScene, _ next: [String]
  ) async throws -> FaultScene.Verdict {
    var finished = try await scene.dioptra(next)
    // A process that died before it had a plan left nothing to finish: the release still has to be asked for.
    if finished.status == 1, finished.errors.contains("Choose one with --release") {
      finished = try await scene.upgrade("--conflict", "theirs")
    }
    guard finished.succeeded else { return .failed(finished.errors) }
    let secrets = try scene.secrets()
    for (name, value) in try reference.secrets() where secrets[name] != value { return .failed("\(name) changed") }
    for (path, text) in UpgradeScene.own where try scene.scratch.read("lab/\(path)") != text {
      return .failed("\(path) changed")
    }
    let left = try scene.scratch.files(below: "lab").keys.filter {
      $0.hasSuffix(".dioptra-new") && !$0.hasPrefix(".dioptra/")
    }
    guard left.isEmpty else { return .failed("left behind: \(left)") }
    let after = try await scene.dioptra("upgrade", "--dry-run", "-C", "lab")
    guard after.output.contains("lab: no file to change, ") else {
      return .failed("not done: \(after.output) \(after.errors)")
    }
    for path in scene.edited where try !scene.hasLine(path) { return .failed("the edit of \(path) is lost") }
    let chain = try await scene.dioptra("history", "verify", "-C", "lab")
    return chain.succeeded ? .judged : .failed(chain.errors)
  }
}

extension UpgradeScene {
  /// The same deployment once more.
  fileprivate func copy() throws -> UpgradeScene { try UpgradeScene(copying: self) }

  /// Whether the user's line is in the file, or in its kept copy.
  fileprivate func hasLine(_ path: String) throws -> Bool {
    let kept = try scratch.files(below: "lab/.dioptra").keys.filter { $0.hasPrefix("kept/") && $0.hasSuffix(path) }
    let places = [path] + kept.map { ".dioptra/\($0)" }
    return places.contains { (try? scratch.read("lab/\($0)"))?.contains(Self.line) == true }
  }
}
