internal import FoundationEssentials
internal import Glibc
package import Subprocess
internal import SystemPackage

/// Another program with its arguments. It reads nothing: no program that we start may wait for a person.
///
/// It runs in a process group of its own, so that an interrupt at the terminal reaches it only through us. When the task
/// that waits for it is cancelled, it is asked to end, and ended if it does not.
package struct ExternalCommand: Equatable, Sendable {
  /// The program, found on the search path, and its arguments. They never hold a secret.
  package var words: [String]
  /// The current folder of the program; our own when nil.
  package var folder: String?
  /// Changes of our own environment; nil takes a variable away.
  package var environment: [String: String?] = [:]

  package init(words: [String], folder: String? = nil, environment: [String: String?] = [:]) {
    self.words = words
    self.folder = folder
    self.environment = environment
  }

  /// How a program ended.
  package struct Outcome: Equatable, Sendable {
    /// The exit status; 128 and the signal's number for one that was ended.
    package let status: Int32
    package let output: String
    package let errors: String

    package var succeeded: Bool { status == 0 }
  }

  /// The program is not installed.
  package struct Missing: Error {
    package let program: String
  }

  /// Runs the program to its end.
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

  /// Runs the program to its end, or ends it after a time.
  ///
  /// - Throws: `Missing`; `CancellationError`, also when the time is over.
  package func outcome(within seconds: Int) async throws -> Outcome {
    try await withThrowingTaskGroup(of: Outcome?.self) { group in
      group.addTask { try await outcome() }
      group.addTask {
        try await Task.sleep(for: .seconds(seconds))
        return nil
      }
      defer { group.cancelAll() }
      guard let outcome = try await group.next() ?? nil else { throw CancellationError() }
      return outcome
    }
  }

  /// Runs the program to its end and hands over its lines, from both of its outputs, as they come.
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
    Undertaking.begin()
    defer { Undertaking.end() }
    do {
      let result = try await body()
      try Task.checkCancellation()
      return result
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw Missing(program: words[0])
    } catch {
      try Task.checkCancellation()
      throw DioptraError(
        .programFailed, "\(words[0]) cannot be run: \(error)", remedy: "Check that \(install: words[0]) works by itself"
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
    let words = launched
    return Subprocess.Configuration(
      executable: words[0].hasPrefix("/") ? .path(FilePath(words[0])) : .name(words[0]),
      arguments: Arguments(Array(words.dropFirst())), environment: .inherit.updating(changes),
      workingDirectory: folder.map { FilePath($0) }, platformOptions: options)
  }

  /// The program as the caller starts it, in whoever's name we work: a shell takes back the ids that it was called with
  /// before it becomes the program. The new process cannot do so itself: the C library would wait for our other threads.
  private var launched: [String] {
    guard Caller.isActing, isInstalled else { return words }
    return ["/bin/sh", "-c", "exec \"$0\" \"$@\""] + words
  }

  /// Whether there is such a program; the shell would only say so in words of its own.
  private var isInstalled: Bool {
    if words[0].contains("/") { return access(words[0], X_OK) == 0 }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    return path.split(separator: ":").contains { access("\($0)/\(words[0])", X_OK) == 0 }
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
  /// What the program wrote, as JSON.
  package func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(output.utf8))
  }
}
