import Foundation
import TestSupport
import Testing

/// Folders in which the program dies, or the system refuses, at a chosen place.
enum FaultScene {
  static let edit = "# an edit of mine\n"

  enum Verdict: Equatable {
    case judged
    case pastTheEnd
    case failed(String)
  }

  /// Goes through the places one by one until a command gets to its end.
  static func everyPlace(_ judge: (Int) async throws -> Verdict) async throws -> Int {
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
  static func prepared() async throws -> Scratch {
    let scratch = try Scratch(inMemory: true)
    _ = try await dioptra(scratch, ["init", "lab", "--no-input", "--set", "release=1.2.2"])
    for name in ["config/nginx/http_proxy.conf", "docker-compose.yml"] {
      try scratch.write(try scratch.read("lab/\(name)") + edit, to: "lab/\(name)")
    }
    return scratch
  }

  static func dioptra(
    _ scratch: Scratch, _ arguments: [String], fault: String? = nil
  ) async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, arguments, environment: fault.map { ["DIOPTRA_FAULT": $0] } ?? [:], in: scratch.path)
  }

  /// State and disk agree, no half file is left, the user's edits are there.
  static func judge(_ scratch: Scratch, folder: String, edited: Bool) async throws -> Verdict {
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
