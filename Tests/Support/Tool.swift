import Foundation
import Subprocess
import SystemPackage
package import Testing

/// A real program that tests are judged by.
package enum Tool {
  /// How a program ended.
  package struct Outcome: Sendable {
    package let status: Int32
    package let output: String
    package let errors: String

    package var succeeded: Bool { status == 0 }
  }

  /// Runs a program to its end. Its input is empty unless one is given.
  ///
  /// - Parameter environment: Added to the test's own. `dioptra` finds no Docker unless it says where.
  package static func run(
    _ program: String, _ arguments: [String] = [], input: String = "", environment: [String: String] = [:],
    in folder: String? = nil
  ) async throws -> Outcome {
    let executable: Executable = program.hasPrefix("/") ? .path(.init(program)) : .name(program)
    let environment = program == dioptra ? withoutDocker.merging(environment) { $1 } : environment
    let changes = Dictionary(
      uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value as String?) })
    let record = try await Subprocess.run(
      executable, arguments: Arguments(arguments), environment: .inherit.updating(changes),
      workingDirectory: folder.map { .init($0) }, input: .string(input), output: .string(limit: 64 << 20),
      error: .string(limit: 64 << 20))
    let status: Int32 =
      switch record.terminationStatus {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    return Outcome(status: status, output: record.standardOutput, errors: record.standardError)
  }

  /// What keeps `dioptra` from initialising what it renders.
  package static let withoutDocker = ["PATH": "/nowhere"]

  /// The program that this package builds.
  package static let dioptra: String = {
    let tests = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return tests.appending(path: "dioptra").path()
  }()

  /// Whether a program is on the search path.
  package static func isInstalled(_ program: String) -> Bool {
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
    return path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  /// Whether a missing program fails the tests instead of skipping some.
  package static let isStrict = ProcessInfo.processInfo.environment["CI"] == "true"
}

extension Trait where Self == ConditionTrait {
  /// Skips the test with a printed reason where a program is missing; never in CI.
  package static func needs(_ program: String) -> Self {
    .enabled(if: Tool.isStrict || Tool.isInstalled(program), "\(program) is not installed; .ci/prepare installs it")
  }
}
