import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// Every deployment that was ever made, with no edits, some and many, brought to the newest release.
struct UpgradeMatrixTests {
  @Test(arguments: UpgradeScene.Origin.all, UpgradeScene.Edits.allCases)
  func theDeploymentIsUpToDateAndKeepsSecretsAndUserFiles(origin: UpgradeScene.Origin, edits: UpgradeScene.Edits)
    async throws
  {
    let scene = try await UpgradeScene(origin, edits)
    let secrets = try scene.secrets()
    let before = try scene.contents()
    if origin.isAdopted, edits != .none {
      try await stopsAndNamesTheLines(scene, before)
    }
    let upgraded = try await scene.upgrade("--conflict", "theirs")
    try #require(upgraded.status == 0, "\(upgraded.errors)")
    try await isUpToDate(scene, secrets)
    for path in scene.edited {
      guard origin.isAdopted else {
        #expect(try scene.scratch.read("lab/\(path)").hasSuffix("\n\(UpgradeScene.line)\n"), "\(path)")
        continue
      }
      // What could not be put together is kept beside.
      let isReplaced = try !scene.scratch.read("lab/\(path)").contains(UpgradeScene.line)
      let isKept = (try? scene.scratch.read("lab/.dioptra/kept/2/\(path)"))?.contains(UpgradeScene.line) ?? false
      #expect(isReplaced == isKept, "\(path)")
    }
  }

  @Test(arguments: DeploymentFixture.names, UpgradeScene.Edits.allCases)
  func mergesAreExact(name: String, edits: UpgradeScene.Edits) async throws {
    let origin = UpgradeScene.Origin(name: name, isAdopted: false)
    let scene = try await UpgradeScene(origin, edits)
    #expect(try await scene.dioptra("upgrade", "-C", "lab").status == 0)
    let plain = try await UpgradeScene(origin)
    #expect(try await plain.dioptra("upgrade", "-C", "lab").status == 0)
    var expected = try plain.contents()
    for path in scene.edited { expected[path, default: ""] += "\(UpgradeScene.line)\n" }
    var actual = try scene.contents()
    // The unit holds the folder's path.
    for path in ["systemd/dioptra.service"] {
      expected[path] = expected[path]?.replacing(plain.scratch.path, with: "")
      actual[path] = actual[path]?.replacing(scene.scratch.path, with: "")
    }
    #expect(actual == expected)
  }

  @Test func whatThisVersionRendersIsWhatItsFixtureHas() async throws {
    let scene = try await UpgradeScene(UpgradeScene.Origin(name: DeploymentFixture.newest, isAdopted: false))
    let plan = try Shell.object(try await scene.dioptra("upgrade", "--dry-run", "--json", "-C", "lab"))
    let changed = try #require(plan["changes"] as? [[String: Any]]).compactMap { $0["path"] as? String }
    // The folder is another one, and the unit names it.
    #expect(
      changed == ["systemd/dioptra.service"],
      "what is rendered has changed: raise ReferenceDeployment.templateVersion and keep a fixture with Fixtures/make")
  }

  @Test(arguments: UpgradeScene.Origin.all)
  func theUsersChoiceOfTheirOwnFilesIsKept(origin: UpgradeScene.Origin) async throws {
    let scene = try await UpgradeScene(origin, .some)
    let before = try scene.contents()
    #expect(try await scene.upgrade("--conflict", "ours").status == 0)
    for path in scene.edited where origin.isAdopted { #expect(try scene.scratch.read("lab/\(path)") == before[path]) }
    #expect(try await scene.dioptra("upgrade", "--dry-run", "-C", "lab").output.contains("lab: no file to change, "))
    guard origin.isAdopted else { return }
    #expect(try await scene.dioptra("drift", "-C", "lab", "config/nginx/http_restapi.conf").status == 0)
  }

  @Test(arguments: ["1.1.0", "main"])
  func aRollbackRestoresTheReferencesFilesWithTheUsersLines(release: String) async throws {
    let scene = try await UpgradeScene(UpgradeScene.Origin(name: release, isAdopted: true), .some)
    let before = try scene.contents()
    let upgraded = try await scene.dioptra("upgrade", "-C", "lab", "--conflict", "theirs")
    #expect(upgraded.status == 0, "\(upgraded.errors)")
    #expect(try scene.contents() != before)
    let back = try await scene.dioptra("rollback", "-C", "lab")
    try #require(back.status == 0, "\(back.errors)")
    #expect(back.output.contains("belong to another version of dioptra"))
    #expect(try scene.contents() == before)
    #expect(try await scene.dioptra("drift", "-C", "lab").status == 0)
    let again = try await scene.dioptra("upgrade", "-C", "lab", "--conflict", "theirs")
    #expect(again.status == 0, "\(again.errors)")
  }

  @Test func aFileOfTheTemplateThatWasDeletedIsNamedAndBroughtBack() async throws {
    let scene = try AdoptScene("1.1.0") { $0.remove("docker-compose.init.yml") }
    let adopted = try await scene.dioptra(["adopt", "lab"])
    #expect(adopted.status == 0 && adopted.output.contains("docker-compose.init.yml"), "\(adopted.output)")
    #expect(try await scene.dioptra(["upgrade", "-C", "lab"]).status == 0)
    #expect(try scene.scratch.files(below: "lab")["docker-compose.init.yml"] == 0o644)
  }

  private func stopsAndNamesTheLines(_ scene: UpgradeScene, _ before: [String: String]) async throws {
    let plan = try Shell.object(try await scene.upgrade("--dry-run", "--json"))
    let conflicts = try #require(plan["conflicts"] as? [[String: Any]])
    let stopped = try await scene.upgrade()
    #expect(stopped.status == 3, "\(stopped.errors)")
    #expect(conflicts.count > 0)
    for conflict in conflicts {
      let path = try #require(conflict["path"] as? String)
      #expect(scene.edited.contains(path))
      let number = before[path]?.split(separator: "\n", omittingEmptySubsequences: false).count ?? 0
      let named =
        path == ".env" ? "a line of yours: \(number - 1)" : "a line of yours:\n    \(number - 1): \(UpgradeScene.line)"
      #expect((conflict["reason"] as? String)?.contains(named) == true, "\(conflict)")
    }
    #expect(try scene.contents() == before)
  }

  private func isUpToDate(_ scene: UpgradeScene, _ secrets: [SecretName: String]) async throws {
    let status = try Shell.object(try await scene.dioptra("status", "--json", "-C", "lab"))
    #expect(status["release"] as? String == "1.2.2")
    for (name, value) in try scene.secrets() {
      if let before = secrets[name] {
        #expect(value == before, "\(name)")
      } else {
        #expect(name == "dioptra_deploy_secret_key")
      }
    }
    for (path, text) in UpgradeScene.own { #expect(try scene.scratch.read("lab/\(path)") == text, "\(path)") }
    #expect(try await scene.dioptra("upgrade", "--dry-run", "-C", "lab").output.contains("lab: no file to change, "))
    let drift = try await scene.dioptra("drift", "-C", "lab")
    #expect(drift.status == 0 || !scene.origin.isAdopted, "\(drift.output)")
    #expect(try await scene.dioptra("history", "verify", "-C", "lab").status == 0)
    let modes = try scene.scratch.files(below: "lab")
    for (path, mode) in modes where path == ".env" || path.hasPrefix("secrets/") { #expect(mode == 0o600, "\(path)") }
    let history = try Shell.object(try await scene.dioptra("history", "--json", "-C", "lab"))
    let run = try #require((history["runs"] as? [[String: Any]])?.first?["id"] as? Int)
    let shown = try await scene.dioptra("history", "show", String(run), "-C", "lab")
    #expect(shown.output.contains("restapi.schema-1.2"))
    let ledger = try scene.applied()
    #expect(Set(ledger).count == ledger.count)
    let isOld = scene.origin.name.hasPrefix("1.0")
    #expect(ledger.contains("minio.restapi-policy") == isOld)
    #expect(ledger.contains("deployment.files") == scene.origin.isAdopted)
    #expect(ledger.contains("restapi.schema-1.2"))
    let queues = try scene.scratch.read("lab/docker-compose.yml").contains("tensorflow_cpu")
    #expect(queues == isOld)
  }
}
