import Foundation
import Subprocess
import Synchronization
import SystemPackage
import TestSupport

/// One run of the program whose events are read as they come.
struct ProgramRun {
  /// A line of `--json`.
  struct Event: Decodable {
    var event: String?
    var step: String?
    var line: String?
    var outcome: String?
    var seconds: Double?
    var cause: String?
  }

  let status: Int32
  let events: [Event]
  let output: String
  let errors: String
  let duration: Duration
  /// Seconds of processor time of the program itself, without the programs that it started.
  let ownProcessorTime: Double

  /// How long each step took.
  var seconds: [String: Double] {
    Dictionary(
      events.filter { $0.event == "ended" }.compactMap { event in event.step.map { ($0, event.seconds ?? 0) } }
    ) { $1 }
  }

  /// The steps that began.
  var started: [String] { events.filter { $0.event == "started" }.compactMap(\.step) }

  /// Runs the program to its end, or until a step has begun: then it gets a signal.
  ///
  /// - Parameters:
  ///   - signal: What is sent.
  ///   - step: The step that it is sent in, a moment after its beginning.
  ///   - others: Where no step is named: it is sent in the first that is none of these.
  static func dioptra(
    _ arguments: [String], in folder: String, environment: [String: String] = Engine.environment,
    signal: Signal? = nil, during step: String? = nil, butNot others: Set<String> = []
  ) async throws -> ProgramRun {
    let changes = Dictionary(
      uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value as String?) })
    let start = ContinuousClock.now
    let notes = Notes()
    let errorFile = "\(NSTemporaryDirectory())/e2e-errors-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: errorFile) }
    let errors = try FileDescriptor.open(
      FilePath(errorFile), .readWrite, options: [.create], permissions: .ownerReadWrite)
    let record = try await Subprocess.run(
      .path(FilePath(Tool.dioptra)), arguments: Arguments(arguments + ["--json"]),
      environment: .inherit.updating(changes), workingDirectory: FilePath(folder), input: .none, output: .sequence,
      error: .fileDescriptor(errors, closeAfterSpawningProcess: true)
    ) { execution in
      let process = execution.processIdentifier.value
      let watch = Task {
        while !Task.isCancelled {
          if let now = Self.ticks(of: process) { notes.ticks.withLock { $0 = now } }
          try? await Task.sleep(for: .milliseconds(20))
        }
      }
      defer { watch.cancel() }
      var isSent = false
      for try await line in execution.standardOutput.strings() {
        notes.lines.withLock { $0 += line }
        guard let event = try? JSONDecoder().decode(Event.self, from: Data(line.utf8)) else { continue }
        notes.events.withLock { $0.append(event) }
        if let signal, !isSent, event.event == "started", let begun = event.step,
          step == nil ? !others.contains(begun) : begun == step
        {
          isSent = true
          try await Task.sleep(for: .milliseconds(400))
          try execution.send(signal: signal)
        }
      }
    }
    let status: Int32 =
      switch record.terminationStatus {
      case .exited(let code): code
      case .signaled(let number): 128 + number
      }
    return ProgramRun(
      status: status, events: notes.events.withLock { $0 }, output: notes.lines.withLock { $0 },
      errors: (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "",
      duration: ContinuousClock.now - start, ownProcessorTime: Double(notes.ticks.withLock { $0 }) / 100)
  }

  /// What can be observed during a run.
  private final class Notes: Sendable {
    let events = Mutex<[Event]>([])
    let lines = Mutex("")
    let ticks = Mutex(0)
  }

  /// Clock ticks, a hundredth of a second each, that a living process has used.
  private static func ticks(of process: pid_t) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let name = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[name...].split(separator: " ")
    guard fields.count > 13, fields[1] != "Z", let user = Int(fields[12]), let system = Int(fields[13]) else {
      return nil
    }
    return user + system
  }
}
