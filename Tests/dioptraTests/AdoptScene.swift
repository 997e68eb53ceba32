import Foundation
import TestSupport
import Testing

/// A folder that the reference template could have made, and the program that takes it over.
struct AdoptScene {
  let scratch: Scratch
  var form: ReferenceForm
  static let folder = "lab"
  var path: String { scratch.file(Self.folder) }

  init(
    _ release: String = "1.1.0", values: [String: String] = [:], secrets: [String: String] = ReferenceForm.secrets,
    edits: (inout ReferenceForm) -> Void = { _ in }
  ) throws {
    scratch = try Scratch(inMemory: true)
    form = try ReferenceForm(release, values: values, folder: scratch.file(Self.folder), secrets: secrets)
    edits(&form)
    try form.write(to: path)
    try scratch.write(Self.fingerprints.get(), to: "fingerprints.json")
  }

  private static let fingerprints = Result { try ReferenceForm.fingerprints() }

  func dioptra(_ arguments: [String], fault: String? = nil) async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, arguments,
      environment: ["DIOPTRA_REFERENCE_FINGERPRINTS": scratch.file("fingerprints.json")]
        .merging(fault.map { ["DIOPTRA_FAULT": $0] } ?? [:]) { $1 },
      in: scratch.path)
  }

  // MARK: The report

  struct Report: Decodable {
    struct Edit: Decodable {
      struct Line: Decodable {
        let number: Int
        let text: String
      }

      let path: String
      let lines: [Line]
    }

    private struct Files: Decodable {
      let edited: [Edit]
      let unknown: [String]
      let missing: [String]
    }

    private struct Choice: Decodable {
      let name: String
      let value: String
    }

    let release: String
    let notes: [String]
    private let templateRelease: String
    private let disabledComponents: [String]
    private let files: Files
    private let choices: [Choice]

    var template: String { templateRelease }
    var off: [String] { disabledComponents }
    var edited: [Edit] { files.edited }
    var unknown: [String] { files.unknown }
    var missing: [String] { files.missing }
    var variables: [String: String] { Dictionary(uniqueKeysWithValues: choices.map { ($0.name, $0.value) }) }

    enum CodingKeys: String, CodingKey {
      case release, notes, templateRelease, disabledComponents, files, choices = "variables"
    }
  }

  /// Adopts the folder.
  func adopted(
    _ arguments: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Report {
    let outcome = try await dioptra(["adopt", "lab", "--json"] + arguments)
    try #require(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  // MARK: The folder

  /// A file with everything that shows whether it was touched.
  struct Facts: Equatable {
    let bytes: Data
    let mode: Int?
    let changed: Date?
  }

  /// Every file but those that adopting adds.
  func files() throws -> [String: Facts] {
    var facts: [String: Facts] = [:]
    for (name, mode) in try scratch.files(below: Self.folder)
    where name != "dioptra.yaml" && !name.hasPrefix(".dioptra/") {
      let place = "\(path)/\(name)"
      facts[name] = Facts(
        bytes: try Data(contentsOf: URL(filePath: place)), mode: mode,
        changed: try FileManager.default.attributesOfItem(atPath: place)[.modificationDate] as? Date)
    }
    return facts
  }

  func expectCleanDrift(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let drift = try await dioptra(["drift", "--diff", "-C", "lab"])
    #expect(drift.status == 0, "\(drift.output) \(drift.errors)", sourceLocation: sourceLocation)
  }

  func expectNothingWritten(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let names = try scratch.files(below: Self.folder).keys.filter { $0 == "dioptra.yaml" || $0.hasPrefix(".dioptra/") }
    #expect(names.isEmpty, sourceLocation: sourceLocation)
  }
}
