import Foundation
import TestSupport
import Testing

/// A session at a shell, and what it prints: the form of a report from the field.
///
/// The first line says what is right. Lines indented by two spaces are the session: `$ ` begins a command, `> `
/// continues it, the others are what it prints on both outputs. `[1]` is the exit status of a command that fails. A
/// line of `...` stands for any lines, and ` (glob)` at the end of a line lets `*` stand for any characters. All other
/// lines are comments; `Needs: root, faketime` names what the session cannot do without, and `Folder: lab 1.1.0
/// NAME=VALUE ...` asks for a folder of the reference's form in that release, with those values of the template's
/// variables.
struct Transcript {
  struct Command {
    let line: Int
    var text: String
    var expected: [String] = []
  }

  let name: String
  let title: String
  private(set) var needs: [String] = []
  /// The words behind each `Folder:`.
  private(set) var folders: [[String]] = []
  private(set) var commands: [Command] = []

  init(_ text: String, name: String) {
    self.name = name
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    title = lines.first ?? ""
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("Needs: ") {
        needs += line.dropFirst(7).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      } else if line.hasPrefix("Folder: ") {
        folders.append(line.dropFirst(8).split(separator: " ").map(String.init))
      } else if line.hasPrefix("  $ ") {
        commands.append(Command(line: index + 1, text: String(line.dropFirst(4))))
      } else if line.hasPrefix("  > "), commands.last?.expected.isEmpty == true {
        commands[commands.count - 1].text += "\n" + line.dropFirst(4)
      } else if line.hasPrefix("  "), !commands.isEmpty {
        commands[commands.count - 1].expected.append(String(line.dropFirst(2)))
      }
    }
  }

  /// Runs the commands in one shell.
  ///
  /// - Returns: What went otherwise than it should, command by command, in the form of a transcript.
  func differences(in scratch: Scratch, prelude: String) async throws -> String {
    let mark = "transcript-\(UUID().uuidString)"
    let script =
      "set --\nexec 2>&1 </dev/null\n. \(prelude)\n"
      + commands.map { "\($0.text)\nprintf '\\n%s %d\\n' \(mark) $?\n" }.joined()
    try scratch.write(script, to: ".session")
    for words in folders { try writeReference(words, in: scratch) }
    let outcome = try await Tool.run(
      "bash", [scratch.file(".session")],
      environment: [
        "DIOPTRA": Tool.dioptra, "HOME": scratch.file("home"), "RIGS": Self.rigs.path(), "LC_ALL": "C.UTF-8",
        "DIOPTRA_REFERENCE_FINGERPRINTS": scratch.file("fingerprints.json"),
      ].filter { !folders.isEmpty || $0.key != "DIOPTRA_REFERENCE_FINGERPRINTS" }, in: scratch.file("work"))
    let parts = outcome.output.components(separatedBy: "\n\(mark) ")
    var differences = ""
    for (index, command) in commands.enumerated() {
      guard index < parts.count - 1 else {
        return differences + "  $ \(command.text)\nnot reached; the session ended with status \(outcome.status)\n"
      }
      // Each part but the first begins with the status of the command before.
      let text = index == 0 ? parts[0] : String(parts[index].drop { $0 != "\n" }.dropFirst())
      var lines = text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if lines.last == "" { lines.removeLast() }
      let status = parts[index + 1].prefix { $0.isNumber }
      if status != "0" { lines.append("[\(status)]") }
      if !Self.fits(lines[...], command.expected[...]) {
        differences += "line \(command.line):\n  $ \(command.text)\n" + lines.map { "  \($0)\n" }.joined()
      }
    }
    return differences
  }

  private static let fingerprints = Result { try ReferenceForm.fingerprints() }

  /// - Parameter words: The folder's name, the release, and values of variables.
  private func writeReference(_ words: [String], in scratch: Scratch) throws {
    let values = words.dropFirst(2).map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
    let folder = scratch.file("work/\(words[0])")
    try ReferenceForm(
      words[1], values: Dictionary(uniqueKeysWithValues: values.map { (String($0[0]), String($0[1])) }), folder: folder
    ).write(to: folder)
    try scratch.write(Self.fingerprints.get(), to: "fingerprints.json")
  }

  private static func fits(_ lines: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
    guard let first = expected.first else { return lines.isEmpty }
    if first == "..." {
      return fits(lines, expected.dropFirst()) || (!lines.isEmpty && fits(lines.dropFirst(), expected))
    }
    guard let line = lines.first, fits(line, first) else { return false }
    return fits(lines.dropFirst(), expected.dropFirst())
  }

  private static func fits(_ line: String, _ expected: String) -> Bool {
    let ending = " (glob)"
    guard expected.hasSuffix(ending) else { return line == expected }
    let pattern = expected.dropLast(ending.count).replacing(#/[\[\]?\\]/#) { "\\\($0.output)" }
    return fnmatch(String(pattern), line, 0) == 0
  }

  // MARK: Where they are

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  static let rigs = folder.appending(path: "Rigs")

  /// All of the corpus, by their paths.
  static let all: [Transcript] = {
    let cases = folder.appending(path: "Cases")
    let paths = (FileManager.default.enumerator(atPath: cases.path())?.compactMap { $0 as? String } ?? []).sorted()
    return paths.filter { $0.hasSuffix(".txt") }.compactMap { path in
      (try? String(contentsOf: cases.appending(path: path), encoding: .utf8)).map { Transcript($0, name: path) }
    }
  }()
}

extension Transcript: CustomTestStringConvertible {
  var testDescription: String { name }
}
