import Foundation
import TestSupport
import Testing

/// `adopt` dies, or the system refuses, at every place where something is written.
struct AdoptFaultTests {
  @Test func anAdoptionKilledAnywhereIsCompletedByTheNextAndInitSaysHow() async throws {
    let places = try await FaultScene.everyPlace { place in
      let scene = try AdoptScene("1.1.0") { $0.edit("README.md") { $0 += "Mine.\n" } }
      let before = try scene.files()
      let died = try await scene.dioptra(["adopt", "lab"], fault: "exit:\(place)")
      guard died.status == 99 else { return died.status == 0 ? .pastTheEnd : .failed(died.errors) }
      let isDone = try await scene.dioptra(["status", "--json", "-C", "lab"]).output.contains("\"generation\" : 1")
      if !isDone {
        let refused = try await scene.dioptra(["init", "lab", "--no-input"])
        guard refused.status == 1, refused.errors.contains("un `dioptra adopt") else {
          return .failed("init: \(refused.output)\(refused.errors)")
        }
      }
      let next = try await scene.dioptra(["adopt", "lab"])
      guard next.status == 0 else { return .failed("next: \(next.errors)") }
      return try await Self.judge(scene, before)
    }
    print("adopt: died at each of \(places) places")
    #expect(places > 10)
  }

  @Test(arguments: ["ENOSPC", "EIO", "EACCES"])
  func anAdoptionThatFailsAnywhereSaysWhyAndIsCompletedByTheNext(code: String) async throws {
    let words = ["ENOSPC": "no space left", "EIO": "input/output error", "EACCES": "permission denied"][code] ?? ""
    var unrefused = 0
    _ = try await FaultScene.everyPlace { place in
      let scene = try AdoptScene("1.1.0")
      let before = try scene.files()
      let refused = try await scene.dioptra(["adopt", "lab"], fault: "\(code):\(place)")
      if refused.succeeded {
        // The place right after a commit cannot be refused.
        unrefused += 1
        return unrefused > 8 ? .pastTheEnd : .judged
      }
      guard refused.status == 1, refused.errors.contains(words), refused.errors.split(separator: "\n").count == 1 else {
        return .failed("status \(refused.status): \(refused.errors)")
      }
      guard code == "ENOSPC" else { return .judged }
      let next = try await scene.dioptra(["adopt", "lab"])
      guard next.status == 0 else { return .failed("next: \(next.errors)") }
      return try await Self.judge(scene, before)
    }
  }

  private static func judge(
    _ scene: AdoptScene, _ before: [String: AdoptScene.Facts]
  ) async throws -> FaultScene.Verdict {
    guard try scene.files() == before else { return .failed("files were changed") }
    let drift = try await scene.dioptra(["drift", "-C", "lab"])
    guard drift.status == 0 else { return .failed("drift: \(drift.output)\(drift.errors)") }
    guard try await scene.dioptra(["history", "verify", "-C", "lab"]).status == 0 else { return .failed("history") }
    let shown = try await scene.dioptra(["secret", "show", "minio_root_password", "-C", "lab"])
    guard shown.output == "\(scene.form.secrets["minio_root_password"] ?? "")\n" else { return .failed("secrets") }
    return .judged
  }
}
