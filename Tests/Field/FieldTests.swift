import Foundation
import TestSupport
import Testing

/// What happened to people, and must not happen again: each report is a file in `Cases`, in a folder named after its
/// kind.
struct FieldTests {
  @Test(arguments: Transcript.all)
  func eachReportedCaseBehavesAsDescribed(_ transcript: Transcript) async throws {
    let missing = transcript.needs.filter { $0 == "root" ? getuid() != 0 : !Tool.isInstalled($0) }
    guard missing.isEmpty || Tool.isStrict else {
      return print("SKIPPED \(transcript.name): needs \(missing.joined(separator: ", "))")
    }
    let scratch = try Scratch()
    for folder in ["home", "work"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    let differences = try await transcript.differences(
      in: scratch, prelude: Transcript.rigs.appending(path: "prelude.sh").path())
    #expect(differences.isEmpty, "\(transcript.title)\n\(differences)")
  }

  @Test func everyCaseHasCommands() {
    #expect(!Transcript.all.isEmpty)
    for transcript in Transcript.all { #expect(!transcript.commands.isEmpty, "\(transcript.name)") }
  }
}
