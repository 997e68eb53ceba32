import Foundation

/// What the real Compose makes of files of settings.
package enum ComposeEnvironment {
  /// The values that names get from an environment file; nil where Compose cannot read it, which is printed.
  package static func values(of names: [String], in file: String, scratch: Scratch) async throws -> [String: String]? {
    let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, "${\($0)}") })
    let project: [String: Any] = ["services": ["s": ["image": "x", "environment": environment]]]
    let input = String(decoding: try JSONSerialization.data(withJSONObject: project), as: UTF8.self)
    let outcome = try await clean(
      ["docker", "compose", "-p", "p", "-f", "-", "--env-file", file, "config", "--format", "json"], input: input,
      in: scratch.path)
    guard outcome.succeeded else {
      print(outcome.errors)
      return nil
    }
    return try services(outcome.output)["s"]
  }

  /// The environment of each service of a folder.
  package static func environments(in folder: String, files: [String] = []) async throws -> [String: [String: String]] {
    let outcome = try await clean(
      ["docker", "compose"] + files.flatMap { ["-f", $0] } + ["config", "--format", "json"], in: folder)
    return try services(outcome.output)
  }

  /// In an environment that sets nothing.
  private static func clean(_ words: [String], input: String = "", in folder: String) async throws -> Tool.Outcome {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try await Tool.run("env", ["-i", "PATH=\(path)", "HOME=/root"] + words, input: input, in: folder)
  }

  private struct Project: Decodable {
    struct Service: Decodable {
      let environment: [String: String?]?
    }

    let services: [String: Service]
  }

  private static func services(_ json: String) throws -> [String: [String: String]] {
    try JSONDecoder().decode(Project.self, from: Data(json.utf8)).services.mapValues { service in
      // Compose writes a literal dollar sign twice.
      (service.environment ?? [:]).mapValues { ($0 ?? "").replacing("$$", with: "$") }
    }
  }
}
