import Foundation
import TestSupport
import Testing

@testable import DioptraOperations
@testable import DioptraSystem

/// Whatever passwords look like and however they are spelled, containers get the same values before and after.
struct AdoptEnvironmentTests {
  private static let folders = 6
  /// Passwords in `.env`, with the other places where they appear.
  private static let names = [
    "PGADMIN_DEFAULT_PASSWORD": nil, "DIOPTRA_WORKER_PASSWORD": nil, "MINIO_ROOT_PASSWORD": "MINIO_ROOT_PASSWORD",
    "RESTAPI_AWS_SECRET_ACCESS_KEY": "MINIO_RESTAPI_PASSWORD", "WORKER_AWS_SECRET_ACCESS_KEY": "MINIO_WORKER_PASSWORD",
    "POSTGRES_USER_DIOPTRA_PASSWORD": nil,
  ]
  private static let pieces = [
    "a", "Zebra", "9", "$", "$$", "${a}", "#", " #", " ", "'", "\"", "\\", "\\n", "%", "=", ":", "é", "{{x}}", "`", "!",
  ]

  @Test(.needs("docker"))
  func containersGetTheSameValuesBeforeAndAfter() async throws {
    let seed = UInt64.random(in: .min ... .max)
    print("environments of adopted deployments, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let usual = try await differences(in: AdoptScene("1.1.0"), [:])
    for number in 0..<Self.folders {
      var values: [String: String] = [:]
      var spellings: [String: String] = [:]
      for name in Self.names.keys.sorted() {
        let value = password(&generator)
        values[name] = value
        spellings[name] = spelling(of: value, &generator)
      }
      let scene = try AdoptScene(generator.pick(["1.1.0", "main"])) { form in
        for (name, file) in Self.names {
          let (value, spelled) = (values[name] ?? "", spellings[name] ?? "")
          form.edit(".env") { $0 = Self.replacing(name, with: spelled, in: $0) }
          if let file {
            form.edit("secrets/dioptra-deployment-minio-accounts.env") {
              $0 = Self.replacing(file, with: value, in: $0)
            }
          }
        }
        let password = (values["POSTGRES_USER_DIOPTRA_PASSWORD"] ?? "").percentEncoded
        form.edit(".env") { $0 = $0.replacing("dioptra:hollow_maple_sparrow_2@", with: "dioptra:\(password)@") }
      }
      let found = try await differences(in: scene, values)
      #expect(found.subtracting(usual) == [], "seed \(seed), folder \(number): \(spellings)")
    }
  }

  /// The names whose values are others after `adopt` and `upgrade`, as `service NAME`.
  private func differences(in scene: AdoptScene, _ values: [String: String]) async throws -> Set<String> {
    let before = try await environments(in: scene)
    for (name, value) in values where name == "PGADMIN_DEFAULT_PASSWORD" {
      #expect(before["dioptra-deployment-dbadmin"]?[name] == value)
    }
    _ = try await scene.adopted()
    let upgraded = try await scene.dioptra(["upgrade", "-C", "lab", "--conflict", "theirs"])
    try #require(upgraded.succeeded, "\(upgraded.errors)")
    let after = try await environments(in: scene)
    var found: Set<String> = []
    for (service, environment) in before {
      for (name, value) in environment where after[service]?[name] != value { found.insert("\(service) \(name)") }
    }
    let modes = try scene.scratch.files(below: "lab")
    for (path, mode) in modes where path == ".env" || path.hasPrefix("secrets/") { #expect(mode == 0o600, "\(path)") }
    return found
  }

  private func environments(in scene: AdoptScene) async throws -> [String: [String: String]] {
    try await ComposeEnvironment.environments(in: scene.path)
  }

  private func password(_ generator: inout SeededGenerator) -> String {
    (0..<Int.random(in: 1...7, using: &generator)).map { _ in generator.pick(Self.pieces) }.joined()
  }

  /// One of the forms that mean the value.
  private func spelling(of value: String, _ generator: inout SeededGenerator) -> String {
    var forms = [EnvironmentSpelling.of(value), "\"\(EnvironmentSpelling.escaped(value))\" # mine"]
    if EnvironmentSpelling.fitsSingleQuotes(value) { forms.append("'\(value)'") }
    let isBare = value.first.map { !"'\" ".contains($0) } ?? false
    if isBare, value.last != " ", !value.contains(" #") { forms.append(value.replacing("$", with: "$$")) }
    return generator.pick(forms)
  }

  private static func replacing(_ name: String, with value: String, in text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("\(name)=") ? "\(name)=\(value)" : String(line)
    }.joined(separator: "\n")
  }
}
