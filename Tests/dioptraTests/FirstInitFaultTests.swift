import Foundation
import TestSupport
import Testing

/// A first `init` dies, or the system refuses, at every place where something is written.
struct FirstInitFaultTests {
  private static let choices = ["--set", "deployment_name=My lab", "--set", "nginx_proxy_read_timeout=777s"]
  private static let notice = "was interrupted before its choices were recorded"

  @Test func aFirstInitKilledAnywhereIsCompletedAndLostChoicesAreReported() async throws {
    var forgotten = 0
    let places = try await FaultScene.everyPlace { place in
      let scratch = try Scratch(inMemory: true)
      let died = try await FaultScene.dioptra(
        scratch, ["init", "lab", "--no-input"] + Self.choices, fault: "exit:\(place)")
      guard died.status == 99 else { return died.succeeded ? .pastTheEnd : .failed(died.errors) }
      let isBegun = try !scratch.files(below: "lab").isEmpty
      let next = try await FaultScene.dioptra(scratch, ["init", "lab", "--no-input", "--set", "db_port=36000"])
      guard next.succeeded else { return .failed(next.errors) }
      let configuration = try scratch.read("lab/dioptra.yaml")
      guard configuration.contains("\ndb_port: 36000\n") else { return .failed("the new choice is lost") }
      let isKept =
        try configuration.contains("\ndeployment_name: My lab\n")
        && scratch.read("lab/config/nginx/http_proxy.conf").contains("proxy_read_timeout 777s;")
      if !isKept {
        forgotten += 1
        guard next.errors.contains(Self.notice) || !isBegun else { return .failed("choices are forgotten silently") }
      } else if next.errors.contains(Self.notice) {
        return .failed("choices are said to be lost that are not")
      }
      return try await FaultScene.judge(scratch, folder: "lab", edited: false)
    }
    print("first init: died at each of \(places) places; choices to be given again at \(forgotten)")
    #expect(places > 150)
    #expect(forgotten < 12)
  }

  @Test(.needs("sqlite3"), arguments: ["ENOSPC", "EIO", "EACCES"])
  func aFirstInitThatFailsAnywhereIsCompletedWithTheSameSecrets(code: String) async throws {
    let words = ["ENOSPC": "no space left", "EIO": "input/output error", "EACCES": "permission denied"][code] ?? ""
    var unrefused = 0
    let places = try await FaultScene.everyPlace { place in
      let scratch = try Scratch(inMemory: true)
      let arguments = ["init", "lab", "--no-input"] + Self.choices
      let refused = try await FaultScene.dioptra(scratch, arguments, fault: "\(code):\(place)")
      if refused.succeeded {
        // The place right after a commit cannot be refused.
        unrefused += 1
        return unrefused > 8 ? .pastTheEnd : .judged
      }
      guard refused.status == 1, refused.errors.contains(words), refused.errors.split(separator: "\n").count == 1 else {
        return .failed("status \(refused.status): \(refused.errors)")
      }
      // What is left does not depend on the words.
      guard code == "ENOSPC" else { return .judged }
      let known = try await Self.secrets(scratch)
      let next = try await FaultScene.dioptra(scratch, arguments)
      guard next.succeeded else { return .failed(next.errors) }
      let now = try await Self.secrets(scratch)
      guard known.isEmpty || known == now else { return .failed("secrets changed") }
      guard try scratch.read("lab/dioptra.yaml").contains("\ndeployment_name: My lab\n") else {
        return .failed("a choice is lost")
      }
      return try await FaultScene.judge(scratch, folder: "lab", edited: false)
    }
    #expect(places > 150)
  }

  /// Every version of every secret that State holds.
  private static func secrets(_ scratch: Scratch) async throws -> String {
    let outcome = try await Tool.run(
      "sqlite3", ["-readonly", scratch.file("lab/.dioptra/state.db"), "SELECT * FROM secret ORDER BY name, version"])
    return outcome.output
  }
}
