import Foundation
import TestSupport

/// The built program in a folder of its own.
struct Shell {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  /// Runs `dioptra` with the scratch folder as the current one.
  func dioptra(_ arguments: String..., in folder: String? = nil, input: String = "") async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, arguments, input: input, environment: ["HOME": scratch.path],
      in: folder.map(scratch.file) ?? scratch.path)
  }

  /// The `NAME=value` lines of a file.
  func values(of name: String) throws -> [String: String] {
    let lines = try scratch.read(name).split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
    return Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), String($0.last ?? "")) })
  }

  /// A JSON object of a command's standard output.
  static func object(_ outcome: Tool.Outcome) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
  }
}
