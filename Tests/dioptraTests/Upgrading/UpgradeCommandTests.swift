import Foundation
import TestSupport
import Testing

/// `upgrade` and `rollback` as people and scripts call them.
struct UpgradeCommandTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }
  private let golden = Golden(beside: #filePath)

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input")
  }

  @Test func withNothingPendingItSaysSoInOneLine() async throws {
    let outcome = try await shell.dioptra("upgrade", in: "lab")
    #expect(outcome.status == 0)
    #expect(outcome.output == "\(scratch.file("lab")): nothing to do, release 1.1.0.\n")
    let dry = try await shell.dioptra("upgrade", "--dry-run", in: "lab")
    // Nothing ran the steps yet.
    #expect(dry.status == 2 && dry.output.hasSuffix("\n\(scratch.file("lab")): no file to change, 14 steps are due.\n"))
    #expect(try await shell.dioptra("history", "--json", in: "lab").output.contains("upgrade") == false)
  }

  @Test func thePlanIsTheGoldenOne() async throws {
    let before = try scratch.files()
    let dry = try await shell.dioptra("upgrade", "--dry-run", "--release", "1.2.2", in: "lab")
    #expect(dry.status == 2)
    try golden.expect(shown(dry.output), in: "plan.txt")
    let json = try await shell.dioptra("upgrade", "--dry-run", "--release", "1.2.2", "--json", in: "lab")
    #expect(json.status == 2)
    try golden.expect(shown(json.output), in: "plan.json")
    #expect(try scratch.files() == before)
  }

  @Test func aOneWayMigrationMustBeAllowed() async throws {
    let refused = try await shell.dioptra("upgrade", "--release", "1.2.2", in: "lab")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("--allow-one-way restapi.schema-1.2"))
    #expect(try await last() == "stopped")
    let backup = try await shell.dioptra("backup", "--without-data", scratch.file("b.dioptra-backup"), in: "lab")
    try #require(backup.status == 0, "\(backup.errors)")
    // What leaves the databases out is no way back.
    #expect(try await shell.dioptra("upgrade", "--release", "1.2.2", in: "lab").status == 1)
    let allowed = try await shell.dioptra(
      "upgrade", "--release", "1.2.2", "--allow-one-way", "restapi.schema-1.2", "--allow-one-way",
      "mlflow-tracking.schema-3.16", in: "lab")
    #expect(allowed.status == 0, "\(allowed.errors)")
    #expect(try await last() == "succeeded")
    #expect(try scratch.read("lab/docker-compose.yml").contains("restapi:1.2.2"))
    #expect(try scratch.read("lab/init-deployment.sh").contains("\nbranch=1.2.2\n"))
  }

  @Test func whatBlocksARollbackIsNamed() async throws {
    try await upgrade()
    let barred = try await shell.dioptra("rollback", in: "lab")
    #expect(barred.status == 1)
    for name in ["restapi.schema-1.2", "mlflow-tracking.schema-3.16", "image:restapi"] {
      #expect(barred.errors.contains("--allow \(name)"))
    }
    let plan = try Shell.object(try await shell.dioptra("rollback", "1", "--dry-run", "--json", in: "lab"))
    let barriers = try #require(plan["barriers"] as? [[String: Any]]).compactMap { $0["id"] as? String }
    let back = try await Tool.run(
      Tool.dioptra, ["rollback", "1"] + barriers.flatMap { ["--allow", $0] }, in: scratch.file("lab"))
    #expect(back.status == 0, "\(back.errors)")
    #expect(try await shell.dioptra("drift", in: "lab").status == 0)
    #expect(try await shell.dioptra("history", "diff", "1", "3", in: "lab").output.isEmpty)
  }

  @Test func initLeavesReleasesToUpgrade() async throws {
    let outcome = try await shell.dioptra("init", "--set", "container_tag=1.2.2", in: "lab")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("dioptra upgrade --release 1.2.2"))
    #expect(!(try scratch.read("lab/dioptra.yaml").contains("1.2.2")))
  }

  @Test(arguments: [
    (["upgrade", "--release", "1.3"], "release cannot be '1.3'"),
    (["upgrade", "--release", "1.2.2", "--allow-one-way", "minio.quay"], "'minio.quay' is not a one-way migration"),
    (["upgrade", "--set", "conatiner_tag=1"], "Perhaps container_tag is meant"),
    (["rollback", "7"], "there is no generation 7"),
    (["rollback"], "generation 1 is the first"),
  ])
  func impossibleRequestsAreExplainedInASentence(arguments: [String], words: String) async throws {
    let before = try scratch.files()
    let outcome = try await Tool.run(Tool.dioptra, arguments, in: scratch.file("lab"))
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(try scratch.files().keys == before.keys)
  }

  @Test func aPinnedImageMovesAlongAndAPrivateTagIsNamed() async throws {
    _ = try await shell.dioptra(
      "init", "other", "--no-input", "--set", "container_tag=lab", "--set", "release=1.1.0", "--set",
      "restapi_image=registry.example.org/restapi:1.1.0")
    let plan = try await shell.dioptra("upgrade", "--release", "1.2.2", "--dry-run", "--json", in: "other")
    let notes = try #require(Shell.object(plan)["notes"] as? [String])
    #expect(notes == ["container_tag stays lab: it does not name release 1.2.2; make sure that it belongs to it."])
    #expect(plan.output.contains("registry.example.org/restapi:1.2.2"))
  }

  private func upgrade() async throws {
    let outcome = try await shell.dioptra(
      "upgrade", "--release", "1.2.2", "--allow-one-way", "restapi.schema-1.2", "--allow-one-way",
      "mlflow-tracking.schema-3.16", in: "lab")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func last() async throws -> String? {
    let history = try Shell.object(try await shell.dioptra("history", "--json", in: "lab"))
    return (history["runs"] as? [[String: Any]])?.first?["outcome"] as? String
  }

  /// Without what is another each time.
  private func shown(_ text: String) -> String {
    text.replacing(scratch.path, with: "/srv").replacing(#/org\.dioptrakit\.deployment: \\?"[0-9a-f]+/#) { match in
      String(match.output.prefix { !"\"".contains($0) }) + "\"…"
    }
  }
}
