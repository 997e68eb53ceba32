import Foundation
import Plugins
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraSystem

/// An unedited folder of the template is recognised as such, whatever its variables are.
struct UneditedFolderTests {
  private static let sets = 200
  private static let fingerprints = Result {
    try ReferenceDeployment.fingerprints(json: ReferenceForm.fingerprints())
  }

  @Test(arguments: 0..<4) func everySetOfValuesIsUneditedInEveryRelease(part: Int) throws {
    let seed = UInt64.random(in: .min ... .max)
    print("unedited folders, seed \(seed)")
    var choices = TemplateChoices(seed: seed)
    for number in 0..<(Self.sets / 4) {
      let (values, secrets) = choices.next()
      let releases = ReferenceForm.releases
      for release in Thorough.isOn ? releases : [releases[(number + part) % releases.count]] {
        try check(release, values, secrets, "seed \(seed), set \(number)")
      }
    }
  }

  private func check(
    _ release: String, _ values: [String: String], _ secrets: [String: String], _ origin: String
  ) throws {
    let scratch = try Scratch(inMemory: true)
    try ReferenceForm(release, values: values, folder: scratch.path, secrets: secrets).write(to: scratch.path)
    let told = "\(origin), \(release): \(values)"
    do {
      let adoption = try Adoption(
        of: ConfinedFolder(path: scratch.path), registry: ReferenceDeployment.registry(),
        fingerprints: Self.fingerprints.get(),
        committed: nil)
      for edit in adoption.edits {
        Issue.record("\(told)\n\(edit.path): \(edit.lines.map { "\($0.number) \($0.text)" }.joined(separator: "\n"))")
      }
      #expect(adoption.missing == [] && adoption.unknown == [], "\(told)")
      for (name, value) in values where name != "branch" {
        // Without a worker no file names the folder of the data.
        if name == "datasets_directory", Self.hasNoWorker(values) { continue }
        let found = adoption.deployment.configuration.entry(VariableName(name))?.value
        #expect(found == value, "\(told): \(name)")
      }
    } catch {
      Issue.record("\(told): \(error)")
    }
  }
}

extension UneditedFolderTests {
  fileprivate static func hasNoWorker(_ values: [String: String]) -> Bool {
    [("tensorflow_cpu", "1"), ("tensorflow_gpu", "0"), ("pytorch_cpu", "1"), ("pytorch_gpu", "0")]
      .allSatisfy { values["num_\($0.0)_workers", default: $0.1] == "0" }
  }
}

/// Values over the whole range of each of the template's variables: short ones, ones that appear elsewhere in the
/// files, parts of each other.
private struct TemplateChoices {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private static let words = [
    "a", "1", "x9", "db", "nginx", "restapi", "minio", "dioptra", "DIOPTRA", "Lab", "lab", "AI", "worker", "tfcpu-1",
    "mc",
    "deployment", "main", "docker", "data", "server", "80", "17", "latest", "postgres", "the", "and", "of", "Example",
  ]

  mutating func next() -> (values: [String: String], secrets: [String: String]) {
    var values = [
      "deployment_name": name(), "container_registry": registry(), "container_namespace": namespace(),
      "container_tag": tag(),
      "docker_compose_path": generator.pick([
        "docker compose", "docker-compose", "/usr/local/bin/docker-compose", "docker", "/opt/a/docker compose",
      ]),
      "systemd_required_mounts": generator.pick(["", "data.mount", "data.mount var.mount", "a.mount"]),
      "nginx_server_name": host(), "nginx_expose_ports_on_localhost_only": generator.pick(["true", "false"]),
      "postgres_container_tag": generator.pick(["17", "16", "15-bookworm", "17.2", "10"]),
      "pgadmin_default_email": generator.pick(["dioptra@example.com", "A1@b.co", "postgres@db.Example", "a_b@nginx.x"]),
      "datasets_directory": generator.pick(["", "/data", "/dioptra/data", "/srv/a b", "/", "/a"]),
      "db_admin_username": generator.pick(["postgres", "boss", "dioptra", "a", "db"]),
      "db_admin_database": generator.pick(["postgres", "restapi", "b"]),
      "restapi_http_port": generator.pick(["80", "8080", "30080", "8"]),
      "networks": generator.pick(["dioptra", "lab", "a b", "dioptra net-1"]),
    ]
    for kind in ["tensorflow_cpu", "tensorflow_gpu", "pytorch_cpu", "pytorch_gpu"] {
      values["num_\(kind)_workers"] = String(Int.random(in: 0...3, using: &generator))
    }
    // What the template fills in by itself is said by leaving it out.
    for (name, _) in values where Bool.random(using: &generator) && name != "deployment_name" { values[name] = nil }
    return (values, secrets())
  }

  private mutating func name() -> String {
    while true {
      let count = Int.random(in: 1...3, using: &generator)
      let name = (0..<count).map { _ in generator.pick(Self.words) }.joined(
        separator: generator.pick([" ", "_", "  ", "-"]))
      let slug = name.lowercased().replacing(" ", with: "-").replacing("_", with: "-")
      if case .success = VariableType.slug.canonical(slug) { return name }
    }
  }

  private mutating func registry() -> String {
    generator.pick(["", "ghcr.io/usnistgov", "localhost:5000", "r", "dioptra", "registry.example.org/team/x", "minio"])
  }

  private mutating func namespace() -> String { generator.pick(["dioptra", "dioptra", "lab", "nginx", "minio"]) }

  private mutating func tag() -> String {
    generator.pick(["1.1.0", "dev", "latest", "17", "1", "_x", "7.2.6", "A-b.c", "main", "22-bullseye"])
  }

  private mutating func host() -> String {
    generator.pick([
      "_", "_", "dioptra.example.org", "HOST", "a", "a1", "10.0.0.1", "localhost", "x1.Example.ORG", "restapi", "db",
      "x80",
      "127.0.0.1", "http", "server", "nginx",
    ])
  }

  /// Words with marks between them, as the template makes them; some are one word, some the same, some a part of another.
  private mutating func secrets() -> [String: String] {
    var secrets = ReferenceForm.secrets
    let word = generator.pick(["copper", "Harbor", "x", "dioptra", "postgres", "3"])
    for name in secrets.keys.sorted() where name != "minio_kms_secret_key" && Bool.random(using: &generator) {
      let mark = generator.pick(["-", "_"])
      secrets[name] = generator.pick([
        word, "\(word)\(mark)\(word)", "\(word)\(mark)lantern\(mark)9", "9\(mark)\(word)",
      ])
    }
    return secrets
  }
}
