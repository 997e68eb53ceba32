internal import FoundationEssentials
internal import Glibc
package import Subprocess
internal import SystemPackage

/// An external program with its arguments. Standard input is closed, so it cannot block on a prompt.
///
/// It runs in its own process group, so that an interrupt at the terminal reaches it only through this process. If the
/// waiting task is cancelled, the program is asked to end, and killed if it does not.
package struct ExternalCommand: Equatable, Sendable {
  /// The program, found on the search path, and its arguments. They never hold a secret.
  package var arguments: [String]
  /// The program's working directory; this process's own if nil.
  package var folder: String?
  /// Changes to the environment; nil removes a variable.
  package var environment: [String: String?] = [:]

  package init(arguments: [String], folder: String? = nil, environment: [String: String?] = [:]) {
    self.arguments = arguments
    self.folder = folder
    self.environment = environment
  }

  /// How a program ended.
  package struct Outcome: Equatable, Sendable {
    /// The exit status; 128 plus the signal's number for a program that was killed.
    package let status: Int32
    package let output: String
    package let errors: String

    package var succeeded: Bool { status == 0 }
  }

  /// The program is not installed.
  package struct Missing: Error {
    package let program: String
  }

  /// Runs the program until it ends.
  ///
  /// - Throws: `Missing`; `CancellationError`.
  package func outcome() async throws -> Outcome {
    let limit = 32 << 20
    let result = try await finding {
      try await Subprocess.run(configuration, output: .string(limit: limit), error: .string(limit: limit))
    }
    return Outcome(
      status: Self.status(result.terminationStatus), output: result.standardOutput, errors: result.standardError)
  }

  /// Runs the program until it ends, or kills it after a time limit.
  ///
  /// - Throws: `Missing`; `CancellationError`, also after the time limit.
  package func outcome(within seconds: Int) async throws -> Outcome {
    try await DioptraSystem.within(.seconds(seconds)) { try await outcome() }
  }

  /// Runs the program until it ends, and passes on the lines of both outputs as they come.
  ///
  /// - Returns: The exit status.
  /// - Throws: `Missing`; `CancellationError`.
  package func run(eachLine: @Sendable (String) -> Void) async throws -> Int32 {
    let result = try await finding {
      try await Subprocess.run(configuration, input: .none, output: .sequence, error: .combinedWithOutput) {
        execution in
        for try await line in execution.standardOutput.strings(bufferingPolicy: .maxLineLength(1 << 20)) {
          let line = line.trimmingTrailingBreaks
          if !line.isEmpty { eachLine(line) }
        }
      }
    }
    return Self.status(result.terminationStatus)
  }

  package func finding<Result>(_ body: () async throws -> Result) async throws -> Result {
    CleanupDuty.begin()
    defer { CleanupDuty.end() }
    do {
      let result = try await body()
      try Task.checkCancellation()
      return result
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw Missing(program: arguments[0])
    } catch {
      try Task.checkCancellation()
      throw DioptraError(
        .programFailed, "\(arguments[0]) cannot be run: \(error)",
        remedy: "Check that \(install: arguments[0]) works by itself"
      )
    }
  }

  package var configuration: Subprocess.Configuration {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
    ]
    let changes = Dictionary(
      uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
    let arguments = launched
    return Subprocess.Configuration(
      executable: arguments[0].hasPrefix("/") ? .path(FilePath(arguments[0])) : .name(arguments[0]),
      arguments: Arguments(Array(arguments.dropFirst())), environment: .inherit.updating(changes),
      workingDirectory: folder.map { FilePath($0) }, platformOptions: options)
  }

  /// The program as the caller would start it, on whoever's behalf this process works: a shell restores the caller's
  /// ids before it becomes the program. The new process cannot do so itself, because the C library would wait for the
  /// other threads.
  private var launched: [String] {
    // The shell would report a missing program in its own way.
    guard Caller.isActing, isInstalled else { return arguments }
    return ["/bin/sh", "-c", "exec \"$0\" \"$@\""] + arguments
  }

  /// Whether the program exists.
  package var isInstalled: Bool {
    if arguments[0].contains("/") { return access(arguments[0], X_OK) == 0 }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    return path.split(separator: ":").contains { access("\($0)/\(arguments[0])", X_OK) == 0 }
  }

  package static func status(_ status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}

extension String {
  fileprivate var trimmingTrailingBreaks: String {
    String(reversed().drop { $0.isNewline }.reversed())
  }
}

extension ExternalCommand.Outcome {
  /// The program's output, as JSON.
  package func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(output.utf8))
  }
}
