import Foundation
import TestSupport
import Testing

/// A deployment in `lab` with an edit and files of the user's own, and programs that find no Docker.
struct BackupShell {
  let shell: Shell
  var scratch: Scratch { shell.scratch }

  init() async throws {
    shell = try Shell()
    try await run("init", "lab", "--no-input")
    try scratch.write(try scratch.read("lab/docker-compose.yml") + "# an edit of mine\n", to: "lab/docker-compose.yml")
    try scratch.write("services: {}\n", to: "lab/docker-compose.override.yml")
    try scratch.write("mine", to: "lab/ssl/nginx/server.key")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: scratch.file("lab/ssl/nginx/server.key"))
  }

  @discardableResult
  func run(
    _ arguments: String..., status: Int32 = 0, fault: String? = nil, environment: [String: String] = [:],
    input: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Tool.Outcome {
    let faults = fault.map { ["DIOPTRA_FAULT": $0] } ?? [:]
    let outcome = try await Tool.run(
      Tool.dioptra, arguments, input: input,
      environment: ["HOME": scratch.path].merging(faults) { $1 }.merging(environment) { $1 }, in: scratch.path)
    try #require(
      outcome.status == status, "dioptra \(arguments): \(outcome.output)\(outcome.errors)",
      sourceLocation: sourceLocation)
    return outcome
  }

  /// Everything outside `.dioptra` with its bytes, links left out.
  func contents(of folder: String) throws -> [String: Data] {
    let files = try scratch.files(below: folder).keys.filter { !$0.hasPrefix(".dioptra/") }
    return try Dictionary(
      uniqueKeysWithValues: files.map { ($0, try Data(contentsOf: URL(filePath: scratch.file("\(folder)/\($0)")))) })
  }

  /// Permission bits of everything outside `.dioptra`.
  func modes(of folder: String) throws -> [String: Int] {
    try scratch.files(below: folder).filter { !$0.key.hasPrefix(".dioptra/") }
  }

  func removeLab() throws {
    try FileManager.default.removeItem(atPath: scratch.file("lab"))
  }

  /// What a deployment has to be in the end, wherever the way there broke off.
  func isWhole(_ folder: String = "lab", as contents: [String: Data]) async throws -> Bool {
    guard try self.contents(of: folder) == contents else { return false }
    let verified = try await shell.dioptra("history", "verify", "-C", folder)
    let secret = try await shell.dioptra("secret", "list", "-C", folder)
    return verified.succeeded && secret.succeeded
  }
}
