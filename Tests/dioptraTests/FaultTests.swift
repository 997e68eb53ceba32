import Foundation
import TestSupport
import Testing

/// The process dies, or the system refuses, at every place where something is written. The next command finishes or
/// undoes, and nothing is lost.
struct FaultTests {
  @Test func aChangeKilledAtAnyPointIsCompletedOrUndoneAndEditsAreKept() async throws {
    let places = try await FaultScene.everyPlace { place in
      let scratch = try await FaultScene.prepared()
      let secrets = try scratch.read("lab/.env")
      let arguments = [
        "init", "lab", "--set", "nginx_proxy_read_timeout=\(400 + place)s", "--set", "container_tag=1.2.2",
      ]
      let died = try await FaultScene.dioptra(scratch, arguments, fault: "exit:\(place)")
      guard died.status == 99 else { return died.succeeded ? .pastTheEnd : .failed(died.errors) }
      // An edit between the crash and the recovery is kept as well.
      try scratch.write(
        try scratch.read("lab/envs/ca-certificates.env") + FaultScene.edit, to: "lab/envs/ca-certificates.env")
      let next = try await FaultScene.dioptra(scratch, ["init", "lab"])
      guard next.succeeded else { return .failed(next.errors) }
      guard try scratch.read("lab/.env") == secrets else { return .failed("the secrets changed") }
      guard try scratch.read("lab/envs/ca-certificates.env").hasSuffix(FaultScene.edit) else {
        return .failed("an edit is lost")
      }
      return try await FaultScene.judge(scratch, folder: "lab", edited: true)
    }
    print("change: died at each of \(places) places")
    #expect(places > 25)
  }

  @Test(arguments: ["ENOSPC", "EIO", "EACCES"])
  func aChangeThatFailsAtAnyPointLosesNothingAndSaysWhy(code: String) async throws {
    let words = ["ENOSPC": "no space left", "EIO": "input/output error", "EACCES": "permission denied"][code] ?? ""
    let places = try await FaultScene.everyPlace { place in
      let scratch = try await FaultScene.prepared()
      let arguments = [
        "init", "lab", "--set", "nginx_proxy_read_timeout=\(400 + place)s", "--set", "container_tag=1.2.2",
      ]
      let refused = try await FaultScene.dioptra(scratch, arguments, fault: "\(code):\(place)")
      if refused.succeeded {
        // The place right after a commit cannot be refused.
        return try await FaultScene.dioptra(scratch, arguments, fault: "exit:\(place)").status == 99
          ? .judged : (place > 10 ? .pastTheEnd : .judged)
      }
      guard refused.status == 1, refused.errors.contains(words) else { return .failed(refused.errors) }
      let next = try await FaultScene.dioptra(scratch, ["init", "lab"])
      guard next.succeeded else { return .failed(next.errors) }
      return try await FaultScene.judge(scratch, folder: "lab", edited: true)
    }
    #expect(places > 20)
  }

  @Test func theFolderRecoversFromKillsAtRandomTimes() async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    print("kill test, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let scratch = try await FaultScene.prepared()
    let secrets = try scratch.read("lab/.env")
    for round in 0..<300 {
      let delay = Double.random(in: 0...0.16, using: &generator)
      let command = """
        PATH=/nowhere "$0" init lab --set nginx_proxy_read_timeout=\(400 + round)s --set db_port=\(36_000 + round) >/dev/null 2>&1 &
        sleep \(delay); kill -9 $! 2>/dev/null; wait 2>/dev/null; exit 0
        """
      _ = try await Tool.run("bash", ["-c", command, Tool.dioptra], in: scratch.path)
      let next = try await FaultScene.dioptra(scratch, ["init", "lab"])
      try #require(next.succeeded, "seed \(seed), round \(round): \(next.errors)")
      try #require(try scratch.read("lab/.env") == secrets)
      try #require(
        try await FaultScene.judge(scratch, folder: "lab", edited: true) == .judged, "seed \(seed), round \(round)")
    }
  }

  @Test func ofTwoConcurrentRunsOneProceedsAndTheOtherNamesIt() async throws {
    let scratch = try await FaultScene.prepared()
    let command = """
      exec 9>lab/.dioptra/lock; flock 9; printf '`dioptra upgrade`, process 7' >&9
      PATH=/nowhere "$0" init lab 9>&-
      """
    let outcome = try await Tool.run("bash", ["-c", command, Tool.dioptra], in: scratch.path)
    #expect(outcome.status == 75)
    #expect(outcome.errors.contains("`dioptra upgrade`, process 7"))
  }

  @Test func aSecondKilledProcessLeavesAFolderThatTheNextCompletes() async throws {
    for (first, second) in stride(from: 2, to: 40, by: 6).flatMap({ x in stride(from: 3, to: 40, by: 7).map { (x, $0) }
    }) {
      let scratch = try await FaultScene.prepared()
      let secrets = try scratch.read("lab/.env")
      for (place, value) in [(first, "401s"), (second, "402s")] {
        let arguments = [
          "init", "lab", "--set", "nginx_proxy_read_timeout=\(value)", "--set", "db_port=36\(value.prefix(3))",
        ]
        _ = try await FaultScene.dioptra(scratch, arguments, fault: "exit:\(place)")
      }
      let next = try await FaultScene.dioptra(scratch, ["init", "lab", "--set", "nginx_proxy_read_timeout=403s"])
      try #require(next.succeeded, "\(first), \(second): \(next.errors)")
      try #require(try scratch.read("lab/.env") == secrets)
      try #require(try scratch.read("lab/config/nginx/http_proxy.conf").contains("proxy_read_timeout 403s;"))
      try #require(
        try await FaultScene.judge(scratch, folder: "lab", edited: true) == .judged, "\(first), \(second)")
    }
  }
}
