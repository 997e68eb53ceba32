import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

struct UpgradeTests {
  @Test func aVariableIsRenamedAndItsCommentStays() throws {
    let deployment = try VersionedDeployment("# mine\nsize: 7 # why\n")
    try deployment.upgrade(to: 2)
    #expect(try deployment.scratch.read("dioptra.yaml") == "# mine\ncapacity: 7 # why\n")
    #expect(try deployment.scratch.read("config/box.conf").contains("capacity 7\n"))
  }

  @Test func aFileMovesWithTheUsersEditsAndNothingStaysBehind() throws {
    let deployment = try VersionedDeployment()
    let text = try deployment.scratch.read("conf/box.conf")
    try deployment.scratch.write(text + "# mine\n", to: "conf/box.conf")
    let upgrade = try deployment.upgrade(to: 2)
    #expect(try deployment.scratch.read("config/box.conf").hasSuffix("end\n# mine\n"))
    #expect(try deployment.scratch.read("config/box.conf").contains("version 2"))
    #expect(try deployment.folder.entry("conf/box.conf") == nil)
    #expect(upgrade.folderPlan.entries.map(\.action).contains(.merge))
    #expect(try deployment.plan(to: 2).isNothingToDo)
  }

  @Test func aFileThatOnlyMovesIsWrittenAtItsNewPlaceAsTheUserLeftIt() throws {
    let deployment = try VersionedDeployment(version: 2)
    try deployment.scratch.write("mine alone\n", to: "same.txt")
    let upgrade = try deployment.upgrade(to: 3)
    #expect(try deployment.scratch.read("kept/same.txt") == "mine alone\n")
    #expect(try deployment.folder.entry("same.txt") == nil)
    #expect(upgrade.folderPlan.entries.first { $0.path == "kept/same.txt" }?.action == .create)
    #expect(try deployment.plan(to: 3).isNothingToDo)
  }

  @Test func aSecretKeepsItsValueUnderItsNewName() throws {
    let deployment = try VersionedDeployment()
    let before = try deployment.scratch.read(".env")
    try deployment.upgrade(to: 2)
    #expect(try deployment.scratch.read(".env") == before)
    #expect(Set(try deployment.state.secretVersions().keys) == ["key", "box_key"])
  }

  @Test func anEditNextToARenamedSecretIsKept() throws {
    let deployment = try VersionedDeployment()
    let before = try deployment.scratch.read(".env")
    try deployment.scratch.write(before + "MINE=1\n", to: ".env")
    try deployment.upgrade(to: 2)
    #expect(try deployment.scratch.read(".env") == before + "MINE=1\n")
  }

  @Test func twoVersionsAtOnceDoWhatOneAfterTheOtherDoes() throws {
    let oneByOne = try VersionedDeployment("server: old/server:1.0\n")
    try oneByOne.upgrade(to: 2)
    try oneByOne.upgrade(to: 3)
    let atOnce = try VersionedDeployment("server: old/server:1.0\n")
    let upgrade = try atOnce.upgrade(to: 3)
    #expect(upgrade.migrations.map(\.id) == ["box.capacity", "box.bigger"])
    for path in ["dioptra.yaml", "config/box.conf", "run.sh", "docker-compose.yml"] {
      #expect(try oneByOne.scratch.read(path) == atOnce.scratch.read(path))
    }
    #expect(try atOnce.scratch.read("dioptra.yaml") == "server: new/server:1.0\ncapacity: 5\n")
    #expect(try atOnce.scratch.read(".env").hasSuffix("NEW=1\n"))
    #expect(upgrade.newSecrets.isEmpty)
    #expect(try atOnce.state.secretVersions()["lid"] == 1)
  }

  @Test func whatAFreshDeploymentNeverNeededIsNotReplayed() throws {
    let deployment = try VersionedDeployment(version: 3)
    let plan = try deployment.plan(to: 3)
    #expect(plan.migrations.isEmpty && plan.isNothingToDo)
  }

  @Test func aComponentThatIsSwitchedOnLaterReplaysNothing() throws {
    let deployment = try VersionedDeployment("components:\n  lamp: false\n", also: [LampComponent()])
    func plan() throws -> Upgrade {
      try Upgrade(
        of: deployment.folder, state: deployment.state,
        registry: VersionedDeployment.registry(2, also: [LampComponent()]), file: deployment.configuration)
    }
    let first = try plan()
    #expect(first.migrations.map(\.id) == ["box.capacity", "lamp.bright"])
    try deployment.state.rename(first.migrations, now: deployment.now)
    try plan().folderPlan.apply(to: deployment.state, run: deployment.startRun("upgrade"), now: deployment.now)
    try deployment.scratch.write("components:\n  lamp: true\n", to: "dioptra.yaml")
    #expect(try plan().migrations.isEmpty)
  }

  @Test func aMigrationThatALaterProgramBringsForTheSameVersionIsRun() throws {
    let deployment = try VersionedDeployment(version: 3)
    let extra = Migration("box.late", "Mends.", version: .template(2), changes: [.runStep("box.fill")])
    #expect(try deployment.upgrade(to: 3, extra: [extra]).migrations.map(\.id) == ["box.late"])
    #expect(try deployment.plan(to: 3, extra: [extra]).isNothingToDo)
  }

  @Test func aReleaseIsLeftAloneUnlessItIsNamedAndNeverGoesBack() throws {
    let deployment = try VersionedDeployment(version: 3, "release: 1.1.0\nserver: old/server:1.1.0\n")
    #expect(try deployment.plan(to: 3).isNothingToDo)
    let request = UpgradeRequest(release: "1.2.0", allowed: ["box.schema-1.2"])
    let upgrade = try deployment.upgrade(to: 3, request)
    #expect(upgrade.migrations.map(\.id) == ["box.schema-1.2"])
    #expect(try deployment.scratch.read("dioptra.yaml") == "release: 1.2.0\nserver: old/server:1.2.0\n")
    let error = #expect(throws: DioptraError.self) { try deployment.plan(to: 3, UpgradeRequest(release: "1.1.0")) }
    #expect(error?.problem.contains("cannot go back to 1.1.0") == true)
  }

  @Test func aReleaseThatOnlyTheFileNamesIsNotMovedTo() throws {
    let deployment = try VersionedDeployment(version: 3, "release: 1.1.0\n")
    try deployment.scratch.write("release: 1.2.0\n", to: "dioptra.yaml")
    let error = #expect(throws: DioptraError.self) { try deployment.plan(to: 3) }
    #expect(error?.remedy.contains("dioptra upgrade --release 1.2.0") == true)
  }

  @Test func aOneWayMigrationNeedsItsNameOrACurrentBackup() throws {
    let deployment = try VersionedDeployment(version: 3)
    let request = UpgradeRequest(release: "1.2.0")
    let plan = try deployment.plan(to: 3, request)
    let refusal = #expect(throws: Refusal.self) { try plan.requireAllowance(request, state: deployment.state) }
    #expect(refusal?.error.problem.contains("box.schema-1.2") == true)
    #expect(throws: DioptraError.self) {
      try plan.requireAllowance(UpgradeRequest(release: "1.2.0", allowed: ["box.other"]), state: deployment.state)
    }
    let run = try deployment.startRun("backup", keepingBackup: true)
    try deployment.state.record(
      State.Backup(run: run, path: "/b", digest: "d", bytes: 1, isEncrypted: false, finishedAt: "now"),
      now: deployment.now)
    _ = try deployment.startRun("stop", keepingBackup: true)
    try plan.requireAllowance(request, state: deployment.state)
    _ = try deployment.startRun("start")
    #expect(throws: Refusal.self) { try plan.requireAllowance(request, state: deployment.state) }
  }

  @Test func anImageIsNeverLowered() throws {
    let deployment = try VersionedDeployment(version: 3, "server: old/server:2.0\n")
    let lower = UpgradeRequest(values: ["server": "quay/server:1.9"])
    let error = #expect(throws: DioptraError.self) { try deployment.plan(to: 3, lower) }
    #expect(error?.problem.contains("server would go back from 2.0 to 1.9") == true)
    #expect(
      try deployment.plan(to: 3, UpgradeRequest(values: ["server": "quay/server:2.1"])).folderPlan.entries.count == 1)
  }

  @Test func aMigrationThatRefusesLeavesEverythingAsItIs() throws {
    let deployment = try VersionedDeployment()
    let refusing = Migration("box.no", "Refuses.", version: .template(2)) { scene in
      throw DioptraError(.valueInvalid, "the box has \(try scene.after["capacity"])", remedy: "Empty it")
    }
    let before = try deployment.scratch.files()
    #expect(throws: DioptraError(.valueInvalid, "the box has 5", remedy: "Empty it")) {
      try deployment.plan(to: 2, extra: [refusing])
    }
    #expect(try deployment.scratch.files() == before)
  }

  @Test func aNewerDeploymentIsRefused() throws {
    let deployment = try VersionedDeployment(version: 3)
    let error = #expect(throws: DioptraError.self) { try deployment.plan(to: 2) }
    #expect(error?.problem.contains("newer dioptra") == true)
  }

  @Test func theLedgerSaysWhichMigrationsWhichRunBrought() throws {
    let deployment = try VersionedDeployment()
    try deployment.upgrade(to: 3)
    let applied = try deployment.state.appliedMigrations()
    #expect(applied.map(\.id) == ["box.capacity", "box.bigger"] && Set(applied.map(\.run)).count == 1)
    #expect(try deployment.state.verify(noted: nil).problem == nil)
  }
}
