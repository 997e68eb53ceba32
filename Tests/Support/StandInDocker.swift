import Foundation

/// A script in the place of Docker's command line, with an engine behind it that answers from a table.
package struct StandInDocker {
  package let scratch: Scratch

  package init(in scratch: Scratch) { self.scratch = scratch }

  /// An engine's answer about itself.
  package static let info: Answer = #"{"ID": "E1", "ServerVersion": "28.2.2", "Runtimes": {"runc": {}}}"#

  /// The bodies of answers: one for each time that something is asked for, and the last one from then on.
  package struct Answer: Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringInterpolation
  {
    let bodies: [String]

    package init(stringLiteral value: String) { bodies = [value] }
    package init(arrayLiteral elements: String...) { bodies = elements }
  }

  /// The program that answers from a table.
  package static let engine = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Rigs/answering-engine.py").path()

  /// The path of the script, relative to the scratch folder.
  package static let path = "bin/docker"

  /// The folder that goes into the search path.
  package var folder: String { scratch.file("bin") }

  /// Writes the script.
  ///
  /// - Parameters:
  ///   - answers: By method and path, such as `GET /info`; patterns of a shell are allowed. What is not there does not
  ///     exist.
  ///   - cases: Further cases of a shell's `case "$*"`, before the usual ones.
  ///   - address: Where the engine is said to be.
  ///   - compose: The version of Compose; empty for none.
  package func write(
    _ answers: [String: Answer] = ["GET /info": Self.info], cases: String = "",
    address: String = "unix:///dev/null/engine.sock", compose: String = "2.26.1"
  ) throws {
    try scratch.write(
      String(decoding: try JSONEncoder().encode(answers.mapValues(\.bodies)), as: UTF8.self), to: "engine.json")
    try scratch.write(
      """
      #!/bin/sh
      echo "$*" >> \(scratch.file(Self.path)).calls
      case "$*" in
        \(cases)
        "system dial-stdio") exec python3 \(Self.engine) \(scratch.file("engine.json")) ;;
        *"version --short") \(compose.isEmpty ? "exit 1" : "echo \(compose)") ;;
        "context inspect"*) echo '\(address)' ;;
        *) echo "unexpected: $*" >&2; exit 1 ;;
      esac
      """, to: Self.path)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.file(Self.path))
  }

  /// What the engine was asked for, such as `GET /info`, in order.
  package var requests: [String] { lines("engine.json.calls") }

  /// The arguments of every call, in order; those that reach the engine are left out.
  package var calls: [String] { lines("\(Self.path).calls").filter { $0 != "system dial-stdio" } }

  private func lines(_ path: String) -> [String] {
    ((try? scratch.read(path)) ?? "").split(separator: "\n").map(String.init)
  }
}
