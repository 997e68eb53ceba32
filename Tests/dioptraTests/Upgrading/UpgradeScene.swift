import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// An older deployment with the edits of its user, on its way to the newest release.
struct UpgradeScene {
  /// How much the user has edited.
  enum Edits: CaseIterable {
    case none, some, many
  }

  /// A deployment that is brought up to date.
  struct Origin: CustomTestStringConvertible, Sendable {
    let name: String
    let isAdopted: Bool
    var testDescription: String { name }

    static let all =
      ReferenceForm.releases.map { Origin(name: $0, isAdopted: true) }
      + DeploymentFixture.names.map { Origin(name: $0, isAdopted: false) }
  }

  static let line = "# a line of mine"
  static let allowances = [
    "restapi.schema-1.0.1", "restapi.schema-1.1", "mlflow-tracking.schema-3.9", "restapi.schema-1.2",
    "mlflow-tracking.schema-3.16",
  ]

  let scratch: Scratch
  let origin: Origin
  /// The files that have a line of the user's.
  private(set) var edited: [String] = []
  /// Files that are the user's alone, with their contents.
  static let own = [
    "docker-compose.override.yml": "services: {}\n", "ssl/ca-certificates/mine.crt": "certificate\n",
    "notes.txt": "notes\n", "config/nginx/http_mine.conf": "# mine\n",
  ]

  init(_ origin: Origin, _ edits: Edits = .none) async throws {
    self.origin = origin
    if origin.isAdopted {
      var scene = try AdoptScene(origin.name)
      edited = Self.edited(edits, among: Array(scene.form.files.keys))
      for path in edited { scene.form.edit(path) { $0 += "\(Self.line)\n" } }
      try scene.form.write(to: scene.path)
      scratch = scene.scratch
    } else {
      scratch = try Scratch(inMemory: true)
      try await DeploymentFixture.write(origin.name, to: scratch, folder: "lab")
      edited = Self.edited(edits, among: Array(try scratch.files(below: "lab").keys))
      for path in edited { try scratch.write(try scratch.read("lab/\(path)") + "\(Self.line)\n", to: "lab/\(path)") }
    }
    for (path, text) in Self.own { try scratch.write(text, to: "lab/\(path)") }
    guard origin.isAdopted else { return }
    let adopted = try await dioptra("adopt", "lab")
    try #require(adopted.succeeded, "\(adopted.errors)")
  }

  /// The same deployment once more, in a folder of its own.
  init(copying other: UpgradeScene) throws {
    scratch = try Scratch(inMemory: true)
    origin = other.origin
    edited = other.edited
    for name in try FileManager.default.contentsOfDirectory(atPath: other.scratch.path) {
      try FileManager.default.copyItem(atPath: other.scratch.file(name), toPath: scratch.file(name))
    }
    // The copy is the deployment from now on.
    let folder = try ConfinedFolder(path: scratch.file("lab"))
    guard let state = try State(readingIn: folder), case .copy = try state.place(in: folder) else { return }
    try State(creatingIn: folder, deployment: state.deployment, now: .now).recordPlace(of: folder, now: .now)
  }

  /// Files that may contain a comment anywhere.
  private static func edited(_ edits: Edits, among paths: [String]) -> [String] {
    let isEditable = { (path: String) in
      [".conf", ".env", ".yml", ".sh", "gitignore"].contains(where: path.hasSuffix) && !path.hasPrefix("secrets/")
        && !path.hasPrefix(".dioptra/")
    }
    switch edits {
    case .none: return []
    case .some: return ["config/nginx/http_restapi.conf", "docker-compose.yml"]
    case .many: return paths.filter(isEditable).sorted()
    }
  }

  func dioptra(_ arguments: String..., fault: String? = nil) async throws -> Tool.Outcome {
    try await dioptra(arguments, fault: fault)
  }

  func dioptra(_ arguments: [String], fault: String? = nil) async throws -> Tool.Outcome {
    let fingerprints = origin.isAdopted ? ["DIOPTRA_REFERENCE_FINGERPRINTS": scratch.file("fingerprints.json")] : [:]
    return try await Tool.run(
      Tool.dioptra, arguments, environment: fingerprints.merging(fault.map { ["DIOPTRA_FAULT": $0] } ?? [:]) { $1 },
      in: scratch.path)
  }

  /// Every file but what dioptra keeps for itself.
  func contents() throws -> [String: String] {
    let paths = try scratch.files(below: "lab").keys.filter { !$0.hasPrefix(".dioptra/") }
    return try Dictionary(uniqueKeysWithValues: paths.map { ($0, try scratch.read("lab/\($0)")) })
  }

  /// The values that the deployment's secrets have.
  func secrets() throws -> [SecretName: String] {
    let state = try #require(try State(readingIn: try ConfinedFolder(path: scratch.file("lab"))))
    let values = try state.secretValues()
    return try Dictionary(
      uniqueKeysWithValues: state.secretVersions().map { name, version in
        (name, try values.value(of: SecretReference(name: name, version: version)))
      })
  }

  /// The migrations that State says were applied.
  func applied() throws -> [MigrationID] {
    let state = try #require(try State(readingIn: try ConfinedFolder(path: scratch.file("lab"))))
    return try state.appliedMigrations().map(\.id)
  }

  /// To the newest release, whatever goes one way.
  func upgrade(_ more: String..., fault: String? = nil) async throws -> Tool.Outcome {
    let held = try Shell.object(try await dioptra("status", "--json", "-C", "lab"))["release"] as? String ?? ""
    let allowed = Self.allowances.filter { id in
      let since = id.hasSuffix("1.0.1") ? "1.0.1" : id.hasSuffix("1.1") || id.hasSuffix("3.9") ? "1.1.0" : "1.2.0"
      return held < since
    }
    return try await dioptra(
      ["upgrade", "-C", "lab", "--release", "1.2.2"] + allowed.flatMap { ["--allow-one-way", $0] } + more,
      fault: fault)
  }
}
