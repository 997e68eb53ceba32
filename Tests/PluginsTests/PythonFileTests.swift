import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// Python runs `generate_password_templates.py` in a folder without passwords.
struct PasswordScriptTests {
  private static let files = [".env", "secrets/postgres-passwd.env", "secrets/dioptra-deployment-minio-accounts.env"]
  private static let script = "scripts/generate_password_templates.py"

  /// dioptra's own files, with the name of each secret in its place.
  private let own: RenderedFolder
  private let folder: RenderedFolder

  init() throws {
    own = try RenderedFolder()
    folder = try RenderedFolder()
    for file in [".env", "secrets", "systemd"] {
      try FileManager.default.removeItem(atPath: folder.scratch.file(file))
    }
  }

  private func run(_ options: String..., in place: String = "/") async throws -> Tool.Outcome {
    try await Tool.run("python3", options + [folder.scratch.file(Self.script)], in: place)
  }

  /// The values in a text where another one shows the names of secrets; nil where the two differ in anything else.
  private func values(in text: String, shapedLike model: String) -> [String: [String]]? {
    var rest = text[...]
    var values: [String: [String]] = [:]
    let model = model.replacing("%3C", with: "<").replacing("%3E", with: ">")
    for (index, part) in model.split(omittingEmptySubsequences: false, whereSeparator: { "<>".contains($0) })
      .enumerated()
    {
      if index.isMultiple(of: 2) {
        guard rest.hasPrefix(part) else { return nil }
        rest = rest.dropFirst(part.count)
      } else {
        let value = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+/=".contains($0)) }
        values[String(part), default: []].append(String(value))
        rest = rest.dropFirst(value.count)
      }
    }
    return rest.isEmpty ? values : nil
  }

  @Test(.needsJinja) func everyFileHasTheLinesOfDioptrasOwn() async throws {
    let outcome = try await run()
    #expect(outcome.status == 0, "\(outcome.errors)")
    var values: [String: [String]] = [:]
    for file in Self.files {
      #expect(try folder.scratch.mode(file) == "0600")
      let found = self.values(in: try folder.scratch.read(file), shapedLike: try own.scratch.read(file))
      values.merge(try #require(found, "\(file)")) { $0 + $1 }
    }
    #expect(try folder.scratch.mode("secrets") == "0700")
    #expect(Set(values.keys) == Set(own.deployment.blueprint.secrets.map(\.name.rawValue)))
    #expect(values["postgres_user_dioptra_password"]?.count == 3)
    #expect(values.values.allSatisfy { Set($0).count == 1 })
    #expect(Set(values.values.map { $0[0] }).count == values.count)
    for (name, value) in values.mapValues({ $0[0] }) {
      if name == "minio_kms_secret_key" {
        #expect(Data(base64Encoded: value)?.count == 32)
      } else {
        #expect((26...40).contains(value.count) && value.allSatisfy { $0.isLetter || $0.isNumber }, "\(name)")
      }
      #expect(!(outcome.output + outcome.errors).contains(value))
    }
  }

  @Test(.needsJinja) func theUnitIsDioptrasOwnForThisFolder() async throws {
    #expect(try await run().succeeded)
    #expect(
      try folder.scratch.read("systemd/dioptra.service")
        == own.scratch.read("systemd/dioptra.service").replacing(RenderedFolder.identity.folder, with: folder.path))
  }

  @Test(.needsJinja) func aCompleteSetIsKept() async throws {
    #expect(try await run().succeeded)
    let before = try Self.files.map(folder.scratch.read)
    #expect(try await run(in: folder.path).succeeded)
    #expect(try Self.files.map(folder.scratch.read) == before)
  }

  @Test(.needsJinja, arguments: files) func aPartialSetIsRefusedAndNothingIsWritten(file: String) async throws {
    try folder.scratch.write("KEPT=1\n", to: file)
    let outcome = try await run()
    #expect(outcome.status == 1)
    for name in Self.files { #expect(outcome.errors.contains(name)) }
    #expect(Self.files.filter(folder.scratch.has) == [file])
    #expect(try folder.scratch.read(file) == "KEPT=1\n")
    #expect(!folder.scratch.has("systemd"))
  }

  @Test(.needsJinja) func aFolderWhosePasswordsDioptraKeepsIsRefused() async throws {
    try folder.scratch.write("", to: ".dioptra/state.db")
    let outcome = try await run()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("dioptra init"))
    #expect(Self.files.filter(folder.scratch.has) == [])
  }

  @Test(.needs("python3")) func withoutJinja2NothingIsWritten() async throws {
    let outcome = try await run("-I", "-S")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("jinja2"))
    #expect(Self.files.filter(folder.scratch.has) == [])
  }
}

// MARK: -

/// Python runs `import_resources.py` against a stand-in for the REST API.
@Suite(.needs("python3"))
struct ImportScriptTests {
  private struct Request: Decodable {
    let path: String
    let type: String
    let cookie: String
    let body: String
  }

  private let folder: RenderedFolder

  init() throws {
    folder = try RenderedFolder()
  }

  private func run(
    _ arguments: [String] = [], login: Int = 200, import status: Int = 200, environment: [String: String] = [:]
  ) async throws -> Tool.Outcome {
    try await Tool.run(
      "python3",
      [
        Rig.file("restapi/with_api.py"), folder.scratch.file("notes"), "\(login)", "\(status)", "python3",
        folder.scratch.file("import_resources.py"),
      ] + arguments,
      environment: ["DIOPTRA_USERNAME": "me", "DIOPTRA_PASSWORD": "pass \"word\" é"].merging(environment) { $1 })
  }

  private func requests() throws -> [Request] {
    guard folder.scratch.has("notes") else { return [] }
    return try folder.scratch.read("notes").split(separator: "\n").map {
      try JSONDecoder().decode(Request.self, from: Data($0.utf8))
    }
  }

  /// The fields of the import's form.
  private func form() throws -> [String: String] {
    let items = URLComponents(string: "?" + (try #require(try requests().last).body))?.queryItems ?? []
    return Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.value ?? "") })
  }

  @Test func itLogsInAndImports() async throws {
    let outcome = try await run()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("\"answer\": \"login\"") && outcome.output.contains("\"answer\": \"import\""))
    let requests = try requests()
    #expect(requests.map(\.path) == ["/api/v1/auth/login", "/api/v1/workflows/resourceImport"])
    #expect(requests.map(\.type) == ["application/json", "application/x-www-form-urlencoded"])
    #expect(requests.map(\.cookie) == ["", "session=s3ss10n"])
    #expect(
      try JSONDecoder().decode([String: String].self, from: Data(requests[0].body.utf8))
        == ["username": "me", "password": "pass \"word\" é"])
    #expect(
      try form() == [
        "group": "1", "sourceType": "git", "gitUrl": "https://github.com/usnistgov/dioptra#main",
        "configPath": "extra/dioptra.toml", "resolveNameConflictsStrategy": "fail",
      ])
  }

  @Test func optionsReachTheImport() async throws {
    let options = ["--git-url", "https://example.org/a?b=c&d", "--git-branch", "dev", "-g", "7", "--overwrite"]
    #expect(try await run(options + ["-u", "you", "-p", "other"], environment: ["DIOPTRA_BRANCH": "x"]).succeeded)
    #expect(try requests().first?.body == #"{"username": "you", "password": "other"}"#)
    let form = try form()
    #expect(form["gitUrl"] == "https://example.org/a?b=c&d#dev")
    #expect(form["group"] == "7")
    #expect(form["resolveNameConflictsStrategy"] == "overwrite")
  }

  @Test func theBranchMayComeFromTheEnvironment() async throws {
    #expect(try await run(environment: ["DIOPTRA_BRANCH": "1.2.2"]).succeeded)
    #expect(try form()["gitUrl"] == "https://github.com/usnistgov/dioptra#1.2.2")
  }

  @Test(arguments: [401, 403, 500]) func aRefusedLoginFailsAndImportsNothing(status: Int) async throws {
    let outcome = try await run(login: status)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("login failed"))
    #expect(!(outcome.output + outcome.errors).contains("pass \"word\""))
    #expect(try requests().count == 1)
  }

  @Test(arguments: [400, 409, 500, 302]) func aRefusedImportFails(status: Int) async throws {
    let outcome = try await run(import: status)
    #expect(outcome.status == 1)
    #expect(outcome.errors != "")
    #expect(try requests().count == 2)
  }

  @Test func aServerThatDoesNotAnswerIsNamed() async throws {
    let outcome = try await run(["--host", "http://127.0.0.1:1"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("http://127.0.0.1:1"))
  }

  @Test func aMissingPasswordIsRefusedWithoutATerminal() async throws {
    let outcome = try await run(environment: ["DIOPTRA_PASSWORD": ""])
    #expect(outcome.status == 2)
    #expect(try requests().isEmpty)
  }

  @Test func helpNeverShowsThePassword() async throws {
    let outcome = try await run(["--help"], environment: ["DIOPTRA_PASSWORD": "s3cr3t-word"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("DIOPTRA_PASSWORD"))
    #expect(!(outcome.output + outcome.errors).contains("s3cr3t-word"))
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test where Python has no Jinja2; never in CI.
  fileprivate static var needsJinja: Self {
    .enabled("Python's package jinja2 is not installed; .ci/prepare installs it") {
      if Tool.isStrict { return true }
      guard Tool.isInstalled("python3") else { return false }
      return try await Tool.run("python3", ["-c", "import jinja2"]).succeeded
    }
  }
}
