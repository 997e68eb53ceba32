import Foundation
import TestSupport
import Testing

/// The process dies, or the system refuses, at every place where something is written. The next command finishes or
/// undoes, and nothing is lost.
struct FaultTests {
  private static let edit = "# an edit of mine\n"

  @Test func aFirstInitThatDiesAtAnyPlaceIsFinishedByTheNext() async throws {
    let places = try await everyPlace { place in
      let scratch = try Scratch(inMemory: true)
      let died = try await Self.dioptra(scratch, ["init", "lab", "--no-input"], fault: "exit:\(place)")
      guard died.status == 99 else { return died.succeeded ? .pastTheEnd : .failed(died.errors) }
      let next = try await Self.dioptra(scratch, ["init", "lab", "--no-input"])
      if next.succeeded { return try await Self.judge(scratch, folder: "lab", edited: false) }
      return .failed(next.errors)
    }
    print("first init: died at each of \(places) places")
    #expect(places > 150)
  }

  @Test func aChangeThatDiesAtAnyPlaceIsFinishedOrUndoneAndTheUsersEditsStay() async throws {
    let places = try await everyPlace { place in
      let scratch = try await Self.prepared()
      let secrets = try scratch.read("lab/.env")
      let arguments = [
        "init", "lab", "--set", "nginx_proxy_read_timeout=\(400 + place)s", "--set", "container_tag=1.2.2",
      ]
      let died = try await Self.dioptra(scratch, arguments, fault: "exit:\(place)")
      guard died.status == 99 else { return died.succeeded ? .pastTheEnd : .failed(died.errors) }
      // An edit between the crash and the recovery is kept as well.
      try scratch.write(
        try scratch.read("lab/envs/ca-certificates.env") + Self.edit, to: "lab/envs/ca-certificates.env")
      let next = try await Self.dioptra(scratch, ["init", "lab"])
      guard next.succeeded else { return .failed(next.errors) }
      guard try scratch.read("lab/.env") == secrets else { return .failed("the secrets changed") }
      guard try scratch.read("lab/envs/ca-certificates.env").hasSuffix(Self.edit) else {
        return .failed("an edit is lost")
      }
      return try await Self.judge(scratch, folder: "lab", edited: true)
    }
    print("change: died at each of \(places) places")
    #expect(places > 25)
  }

  @Test(arguments: ["ENOSPC", "EIO", "EACCES"])
  func aChangeThatTheSystemRefusesAtAnyPlaceLosesNothingAndSaysWhy(code: String) async throws {
    let words = ["ENOSPC": "no space left", "EIO": "input/output error", "EACCES": "permission denied"][code] ?? ""
    let places = try await everyPlace { place in
      let scratch = try await Self.prepared()
      let arguments = [
        "init", "lab", "--set", "nginx_proxy_read_timeout=\(400 + place)s", "--set", "container_tag=1.2.2",
      ]
      let refused = try await Self.dioptra(scratch, arguments, fault: "\(code):\(place)")
      if refused.succeeded {
        // The place right after a commit cannot be refused.
        return try await Self.dioptra(scratch, arguments, fault: "exit:\(place)").status == 99
          ? .judged : (place > 10 ? .pastTheEnd : .judged)
      }
      guard refused.status == 1, refused.errors.contains(words) else { return .failed(refused.errors) }
      let next = try await Self.dioptra(scratch, ["init", "lab"])
      guard next.succeeded else { return .failed(next.errors) }
      return try await Self.judge(scratch, folder: "lab", edited: true)
    }
    #expect(places > 20)
  }

  @Test func killedAtRandomTimesTheFolderComesBackEachTime() async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    print("kill test, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let scratch = try await Self.prepared()
    let secrets = try scratch.read("lab/.env")
    for round in 0..<300 {
      let delay = Double.random(in: 0...0.16, using: &generator)
      let command = """
        PATH=/nowhere "$0" init lab --set nginx_proxy_read_timeout=\(400 + round)s --set db_port=\(36_000 + round) >/dev/null 2>&1 &
        sleep \(delay); kill -9 $! 2>/dev/null; wait 2>/dev/null; exit 0
        """
      _ = try await Tool.run("bash", ["-c", command, Tool.dioptra], in: scratch.path)
      let next = try await Self.dioptra(scratch, ["init", "lab"])
      try #require(next.succeeded, "seed \(seed), round \(round): \(next.errors)")
      try #require(try scratch.read("lab/.env") == secrets)
      try #require(
        try await Self.judge(scratch, folder: "lab", edited: true) == .judged, "seed \(seed), round \(round)")
    }
  }

  @Test func ofTwoAtOnceOneWorksAndTheOtherNamesIt() async throws {
    let scratch = try await Self.prepared()
    let command = """
      exec 9>lab/.dioptra/lock; flock 9; printf '`dioptra upgrade`, process 7' >&9
      PATH=/nowhere "$0" init lab 9>&-
      """
    let outcome = try await Tool.run("bash", ["-c", command, Tool.dioptra], in: scratch.path)
    #expect(outcome.status == 75)
    #expect(outcome.errors.contains("`dioptra upgrade`, process 7"))
  }

  // MARK: Scenes

  private enum Verdict: Equatable {
    case judged
    case pastTheEnd
    case failed(String)
  }

  /// Goes through the places one by one until a command gets to its end.
  private func everyPlace(_ judge: (Int) async throws -> Verdict) async throws -> Int {
    var place = 1
    while place < 2_000 {
      switch try await judge(place) {
      case .judged: place += 1
      case .pastTheEnd: return place - 1
      case .failed(let reason):
        Issue.record("place \(place): \(reason)")
        return place
      }
    }
    return place
  }

  /// A deployment with an edit in a file that the next change touches.
  private static func prepared() async throws -> Scratch {
    let scratch = try Scratch(inMemory: true)
    _ = try await dioptra(scratch, ["init", "lab", "--no-input"])
    for name in ["config/nginx/http_proxy.conf", "docker-compose.yml"] {
      try scratch.write(try scratch.read("lab/\(name)") + edit, to: "lab/\(name)")
    }
    return scratch
  }

  private static func dioptra(
    _ scratch: Scratch, _ arguments: [String], fault: String? = nil
  ) async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, arguments, environment: fault.map { ["DIOPTRA_FAULT": $0] } ?? [:], in: scratch.path)
  }

  /// State and disk agree, no half file is left, the user's edits are there.
  private static func judge(_ scratch: Scratch, folder: String, edited: Bool) async throws -> Verdict {
    let status = try Shell.object(try await dioptra(scratch, ["status", "--json", "-C", folder]))
    guard status["unfinished"] as? Bool == false, (status["pendingChanges"] as? [Any])?.isEmpty == true else {
      return .failed("status: \(status)")
    }
    let files = try scratch.files(below: folder)
    let left = files.keys.filter { $0.hasSuffix(".dioptra-new") && !$0.hasPrefix(".dioptra/") }
    guard left.isEmpty else { return .failed("left behind: \(left)") }
    guard files[".env"] == 0o600, files["docker-compose.yml"] == 0o644 else { return .failed("modes: \(files)") }
    guard edited else { return .judged }
    for name in ["config/nginx/http_proxy.conf", "docker-compose.yml"] {
      guard try scratch.read("\(folder)/\(name)").hasSuffix(edit) else { return .failed("the edit of \(name) is lost") }
    }
    return .judged
  }
}
