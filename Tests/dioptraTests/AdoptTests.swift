import Foundation
import TestSupport
import Testing

struct AdoptTests {
  @Test(arguments: ReferenceForm.releases)
  func aFolderOfEachReleaseIsAdoptedAndDriftIsClean(release: String) async throws {
    let scene = try AdoptScene(release)
    let before = try scene.files()
    let adopted = try await scene.dioptra("adopt", "lab", "--json")
    try #require(adopted.status == 0, "\(adopted.errors)")
    let report = try Shell.object(adopted)
    #expect(report["release"] as? String == (release == "main" ? "1.1.0" : release))
    let files = try #require(report["files"] as? [String: Any])
    #expect((files["edited"] as? [Any])?.isEmpty == true, "\(files["edited"] ?? "")")
    #expect(files["unknown"] as? [String] == [])
    #expect(files["missing"] as? [String] == [])
    #expect(try scene.files() == before)
    let drift = try await scene.dioptra("drift", "-C", "lab")
    #expect(drift.status == 0, "\(drift.output) \(drift.errors)")
    #expect(try await scene.dioptra("history", "verify", "-C", "lab").status == 0)
  }
}
