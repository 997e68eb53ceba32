import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import dioptra

struct DriftGoldenTests {
  private let output = Output(isJSON: false, isQuiet: false, isVerbose: false, wantsColor: false)

  private let findings = [
    DriftFinding(
      path: ".env", kind: .secret, component: "deployment", resolution: .repair,
      detail: "minio_root_password differs from the value in State", secrets: ["minio_root_password"],
      diff: "--- a/.env\n+++ b/.env\n@@ -6 +6 @@\n-MINIO_ROOT_PASSWORD=‹minio_root_password›\n"
        + "+MINIO_ROOT_PASSWORD=‹hidden, as on disk›\n"),
    DriftFinding(
      path: "README.md", kind: .missing, component: "deployment", resolution: .repair),
    DriftFinding(
      path: "config/a\u{1B}b", kind: .extra, component: "nginx", resolution: .accept),
    DriftFinding(
      path: "config/nginx/http_proxy.conf", kind: .edited, component: "nginx",
      resolution: .accept),
    DriftFinding(
      path: "config/nginx/http_proxy.conf", kind: .mode, component: "nginx",
      resolution: .repair, detail: "0640 instead of 0644"),
    DriftFinding(
      path: "dioptra.yaml", kind: .stale, component: "postgres", resolution: .initialize,
      detail: "not rendered yet: db_port"),
  ]

  @Test func theTableIsTheGoldenOne() throws {
    let report = DriftReport(folder: "/srv/lab", findings: findings, changes: nil)
    try Golden().expect(report.text(output), in: "drift/findings.txt")
    let clean = DriftReport(folder: "/srv/lab", findings: [], changes: nil)
    #expect(clean.text(output) == "/srv/lab: as recorded.\n")
  }

  @Test func whatWasDoneAndWhatRemainsIsTheGoldenOne() throws {
    let accepted = DriftReport(
      folder: "/srv/lab", findings: [findings[5]], changes: DriftReport.Changes(accepted: ["README.md"]))
    try Golden().expect(accepted.text(output), in: "drift/accepted.txt")
    let steps = [DriftRepair.Entry(path: ".env", action: .restore), .init(path: "scripts/mine.sh", action: .remove)]
    let repaired = DriftReport(folder: "/srv/lab", findings: [], changes: DriftReport.Changes(repaired: steps))
    try Golden().expect(repaired.text(output), in: "drift/repaired.txt")
  }

  @Test func theJSONIsTheGoldenOne() async throws {
    let shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input")
    try shell.scratch.write("mine", to: "lab/config/mine")
    _ = try await shell.dioptra("config", "set", "db_port=36000", in: "lab")
    try Golden().expect(try await shell.dioptra("drift", "--json", in: "lab").output, in: "drift/findings.json")
  }
}
