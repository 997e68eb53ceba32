import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// Bash and ShellCheck judge every script of the folder, whatever the user chose.
struct ScriptTests {
  static let choices: [[String: String]] = [
    [:],
    ["enable_nginx_ssl": "true", "enable_postgres_ssl": "true"],
    ["num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0"],
    ["num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0", "num_pytorch_gpu_workers": "3"],
    ["deployment_name": "AI lab's \"$(test)\" `site`", "project_slug": "ai-lab-2", "branch": "feature/a_b.c"],
    ["docker_compose_path": "env DOCKER_HOST=unix:///run/docker-1.sock /opt/docker/docker-compose-2.26"],
  ]

  @Test(arguments: choices)
  func bashReadsEveryScript(choice: [String: String]) async throws {
    try await expectBashReads(RenderedFolder(choice), ending: ".sh")
  }

  @Test func bashReadsEveryScriptWithoutPgAdmin() async throws {
    try await expectBashReads(RenderedFolder(disabled: ["dbadmin"]), ending: ".sh")
  }

  @Test(.needs("shellcheck"), arguments: choices)
  func shellCheckFindsNothingInAnyScript(choice: [String: String]) async throws {
    try await expectShellCheckAccepts(RenderedFolder(choice))
  }

  @Test(.needs("shellcheck")) func shellCheckFindsNothingWithoutPgAdmin() async throws {
    try await expectShellCheckAccepts(RenderedFolder(disabled: ["dbadmin"]))
  }

  @Test func theFolderHasEveryScriptOfTheReference() throws {
    #expect(
      try RenderedFolder().scripts(ending: ".sh") == [
        "config/db/init-db.sh", "init-deployment.sh", "scripts/copy-extra-ca-certificates.sh", "scripts/file-copy.sh",
        "scripts/git-clone.sh", "scripts/globbed-copy.sh", "scripts/init-frontend.sh", "scripts/init-minio.sh",
        "scripts/init-named-volumes.sh", "scripts/init-scripts.sh", "scripts/init-worker-account.sh",
        "scripts/manage-postgres-ssl.sh", "scripts/set-permissions.sh",
      ])
  }

  @Test func everyShellScriptMayBeRun() throws {
    let folder = try RenderedFolder()
    let modes = try folder.scratch.files()
    for script in try folder.scripts(ending: ".sh") {
      #expect(modes[script] == 0o755, "\(script)")
      #expect(try folder.scratch.read(script).hasPrefix("#!/usr/bin/env bash\n"), "\(script)")
    }
  }

  @Test func bashReadsEveryTemplate() async throws {
    try await expectBashReads(RenderedFolder(), ending: ".m4")
  }

  @Test func anUnprocessedTemplateRemindsAndEndsWithStatus11() async throws {
    let folder = try RenderedFolder()
    let templates = try folder.scripts(ending: ".m4")
    #expect(templates.count == 7)
    for template in templates {
      let outcome = try await Tool.run("/bin/bash", [folder.scratch.file(template)])
      #expect(outcome.status == 11, "\(template)")
      #expect(outcome.output == "", "\(template)")
      #expect(outcome.errors.contains("argbash"), "\(template)")
    }
  }

  @Test(arguments: choices)
  func aTemplateAndItsScriptHaveTheSameBody(choice: [String: String]) throws {
    let folder = try RenderedFolder(choice)
    for template in try folder.scripts(ending: ".m4") {
      let body = try #require(try folder.body(of: template), "\(template)")
      #expect(body.contains("set -euo pipefail\n"), "\(template)")
      #expect(Array(body.utf8) == (try folder.body(of: template.dropLast(3) + ".sh")).map { Array($0.utf8) })
    }
  }

  /// m4 quotes with square brackets: an unbalanced one would end the body early, or never.
  @Test(arguments: choices)
  func theBodyOfATemplateHasBalancedSquareBrackets(choice: [String: String]) throws {
    let folder = try RenderedFolder(choice)
    for template in try folder.scripts(ending: ".m4") {
      let depths = try #require(try folder.body(of: template)).reduce(into: [0]) { depths, character in
        depths.append(depths[depths.count - 1] + (character == "[" ? 1 : character == "]" ? -1 : 0))
      }
      #expect(depths.min() == 0, "\(template)")
      #expect(depths.last == 0, "\(template)")
    }
  }

  // MARK: Judges

  private func expectBashReads(_ folder: RenderedFolder, ending: String) async throws {
    for script in try folder.scripts(ending: ending) {
      let outcome = try await Tool.run("/bin/bash", ["-n", folder.scratch.file(script)])
      #expect(outcome.succeeded, "\(script): \(outcome.errors)")
    }
  }

  private func expectShellCheckAccepts(_ folder: RenderedFolder) async throws {
    let outcome = try await Tool.run(
      "shellcheck", ["--format=gcc"] + folder.scripts(ending: ".sh"), in: folder.path)
    #expect(outcome.succeeded, "\(outcome.output)\(outcome.errors)")
  }
}

extension RenderedFolder {
  /// The paths of the folder's scripts, sorted.
  fileprivate func scripts(ending: String) throws -> [String] {
    try scratch.files().keys.filter { $0.hasSuffix(ending) }.sorted()
  }

  /// The text between a script's two marker lines; nil unless both appear once.
  fileprivate func body(of script: String) throws -> String? {
    let parts = try scratch.read(script).components(separatedBy: "# [ <-- needed because of Argbash\n")
    guard parts.count == 2 else { return nil }
    let rest = parts[1].components(separatedBy: "# ] <-- needed because of Argbash\n")
    return rest.count == 2 && rest[1].isEmpty ? rest[0] : nil
  }
}

// MARK: What the suites that run scripts share

/// A stand-in for the environment of a script, and its user.
enum Rig {
  static let isRoot = getuid() == 0
  /// Owner and group of the files that this process makes.
  static let owner = "\(getuid()):\(getgid())"

  /// The absolute path of something below `Rigs`.
  static func file(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Rigs/\(name)").path()
  }
}

extension RenderedFolder {
  /// Runs a script of the folder.
  func run(
    _ script: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) async throws -> Tool.Outcome {
    try await Tool.run("/bin/bash", [scratch.file(script)] + arguments, environment: environment)
  }
}

extension Scratch {
  /// The mode of something in the folder, as `0644`.
  func mode(_ name: String) throws -> String {
    let mode = try FileManager.default.attributesOfItem(atPath: file(name))[.posixPermissions] as? Int ?? 0
    return "0" + String(mode, radix: 8)
  }

  /// Owner and group of something in the folder, as `39000:100`.
  func owner(_ name: String) throws -> String {
    let attributes = try FileManager.default.attributesOfItem(atPath: file(name))
    return "\(attributes[.ownerAccountID] as? Int ?? -1):\(attributes[.groupOwnerAccountID] as? Int ?? -1)"
  }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
  }

  func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: file(name))
  }
}
