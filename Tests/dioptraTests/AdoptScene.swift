import Foundation
import TestSupport

/// A folder that the reference template could have made, and the program that takes it over.
struct AdoptScene {
  let scratch: Scratch
  var form: ReferenceForm
  static let folder = "lab"
  var path: String { scratch.file(Self.folder) }

  init(
    _ release: String = "1.1.0", values: [String: String] = [:], edits: (inout ReferenceForm) -> Void = { _ in }
  ) throws {
    scratch = try Scratch(inMemory: true)
    form = try ReferenceForm(release, values: values, folder: scratch.file(Self.folder))
    edits(&form)
    try form.write(to: path)
    try scratch.write(Self.figures.get(), to: "figures.json")
  }

  private static let figures = Result { try ReferenceForm.figures() }

  func dioptra(_ arguments: String..., fault: String? = nil) async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, arguments,
      environment: ["DIOPTRA_REFERENCE_FIGURES": scratch.file("figures.json")]
        .merging(fault.map { ["DIOPTRA_FAULT": $0] } ?? [:]) { $1 },
      in: scratch.path)
  }

  /// A file with all that tells whether it was touched.
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
}
