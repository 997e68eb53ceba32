import Foundation
import TestSupport
import Testing

/// Signals at random moments of every command that changes something.
@Suite(.needs("sqlite3"))
struct InterruptionTests {
  /// Of each command.
  private static let instants = Thorough.isOn ? 100 : 8

  private struct Command: Sendable {
    let name: String
    let words: [String]
    /// The folder that it brings forth or changes.
    var folder = "lab"
    /// Makes what it starts from, once.
    let prepare: @Sendable (Shell) async throws -> Void
  }

  fileprivate struct Moment {
    let seconds: Double
    /// Whether the seconds count from when the program catches signals, and not from its start.
    let isListening: Bool
  }

  private static let commands: [Command] = [
    Command(name: "a first init", words: ["init", "lab", "--no-input", "--render-only"]) { _ in },
    Command(name: "init", words: ["init", "lab", "--render-only", "--set", "db_port=35999"]) {
      try await $0.lab()
    },
    Command(
      name: "config set", words: ["config", "set", "nginx_proxy_read_timeout=400s", "--apply", "-C", "lab"]
    ) { try await $0.lab() },
    Command(name: "upgrade", words: ["upgrade", "-C", "lab"]) {
      try await DeploymentFixture.write("version-1", to: $0.scratch, folder: "lab")
    },
    Command(name: "drift --repair", words: ["drift", "--repair", "--no-input", "-C", "lab"]) {
      try await $0.lab()
      try $0.scratch.write("mine\n", to: "lab/README.md")
      try FileManager.default.removeItem(atPath: $0.scratch.file("lab/config/nginx/http_proxy.conf"))
    },
    Command(name: "drift --accept", words: ["drift", "--accept", "README.md", "config", "-C", "lab"]) {
      try await $0.lab()
      try $0.scratch.write("mine\n", to: "lab/README.md")
      try FileManager.default.removeItem(atPath: $0.scratch.file("lab/config/nginx/http_proxy.conf"))
    },
    Command(name: "rollback", words: ["rollback", "1", "-C", "lab"]) {
      try await $0.lab()
      _ = try await $0.dioptra("config", "set", "nginx_proxy_read_timeout=400s", "--apply", "-C", "lab")
    },
    Command(name: "backup", words: ["backup", "out", "--without-data", "-C", "lab"]) { try await $0.lab() },
    Command(name: "restore", words: ["restore", "out", "lab", "--without-data"]) {
      try await $0.lab()
      _ = try await $0.dioptra("backup", "out", "--without-data", "-C", "lab")
      try FileManager.default.removeItem(atPath: $0.scratch.file("lab"))
    },
    Command(name: "adopt", words: ["adopt", "lab"]) {
      try await $0.lab()
      for name in [".dioptra", "dioptra.yaml"] {
        try FileManager.default.removeItem(atPath: $0.scratch.file("lab/\(name)"))
      }
    },
  ]

  @Test(arguments: commands.indices)
  func interruptedAtAnyMomentTheSameCommandCompletes(index: Int) async throws {
    let command = Self.commands[index]
    let seed = UInt64.random(in: 0...UInt64.max)
    print("SEED of interruptions of \(command.name): \(seed)")
    var generator = SeededGenerator(seed: seed)
    let shell = try Shell()
    try await command.prepare(shell)
    try shell.keep()
    let start = ContinuousClock.now
    let whole = try await shell.run(command.words)
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    let duration = Double(seconds) + Double(attoseconds) / 1e18
    try #require(whole.status == 0, "\(command.name): \(whole.output)\(whole.errors)")
    for number in 0..<Self.instants {
      let moment = Moment(
        seconds: Double.random(in: 0...duration, using: &generator) * (number.isMultiple(of: 2) ? 1 : 0.4),
        isListening: !number.isMultiple(of: 2))
      let signal = generator.pick(["INT", "TERM", "HUP"])
      try await interrupt(shell, command, signal, moment)
    }
  }

  private func interrupt(_ shell: Shell, _ command: Command, _ signal: String, _ moment: Moment) async throws {
    let words = Comment(rawValue: "\(command.name), SIG\(signal), \(moment)")
    try shell.takeBack()
    let secrets = try? shell.scratch.read("lab/.env")
    let cut = try await shell.run(command.words, signal: signal, at: moment)
    // Before the program listens, the system ends it.
    let number = ["INT": 130, "TERM": 143, "HUP": 129][signal] ?? 0
    #expect([0, 130, Int32(number)].contains(cut.status), "\(words): \(cut.output)")
    let known = secrets ?? (try? shell.scratch.read("lab/.env"))
    if cut.status != 0, !(command.name == "backup" && shell.has("out")) {
      let next = try await shell.run(command.words)
      #expect(next.status == 0, "\(words): \(next.output)")
    }
    let drift = try await shell.dioptra("drift", "-C", command.folder)
    #expect(drift.status == 0, "\(words): \(drift.output)\(drift.errors)")
    if command.name != "upgrade", let known {
      #expect(try shell.scratch.read("lab/.env") == known, words)
    }
    let left = try FileManager.default.subpathsOfDirectory(atPath: shell.scratch.path).filter { path in
      ["-journal", "-wal", "-shm", ".dioptra-new", ".staged", "~"].contains { path.hasSuffix($0) }
        || path.hasPrefix("lab/.dioptra/staged")
    }
    #expect(left == [], words)
  }
}

extension Shell {
  fileprivate func lab() async throws {
    _ = try await dioptra("init", "lab", "--no-input", "--render-only")
  }

  fileprivate func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: scratch.file(name)) }

  private static let names = ["lab", "out"]

  /// Keeps the folder as it is.
  fileprivate func keep() throws {
    for name in Self.names where has(name) {
      try FileManager.default.createDirectory(atPath: scratch.file("kept"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: scratch.file(name), toPath: scratch.file("kept/\(name)"))
    }
  }

  /// Has it as it was kept.
  fileprivate func takeBack() throws {
    for name in Self.names {
      try? FileManager.default.removeItem(atPath: scratch.file(name))
      guard has("kept/\(name)") else { continue }
      try FileManager.default.copyItem(atPath: scratch.file("kept/\(name)"), toPath: scratch.file(name))
    }
  }

  /// Runs the program, and sends it a signal at some moment if it has not ended by then.
  fileprivate func run(
    _ words: [String], signal: String? = nil, at moment: InterruptionTests.Moment? = nil
  ) async throws -> Tool.Outcome {
    let listening = """
      until [[ ${name:-} == dioptra ]] && ((16#${mask:-0} >> 14 & 1)); do
        sleep 0.01
        while read -r key value; do
          case $key in Name:) name=$value ;; SigCgt:) mask=$value ;; esac
        done 2>/dev/null </proc/$process/status || break
      done
      """
    let script = """
      exec 2>&1; "$@" & process=$!
      \(moment?.isListening == true ? listening : "")
      \(signal.map { "(sleep \(moment?.seconds ?? 0); kill -\($0) $process) >/dev/null 2>&1 & killer=$!" } ?? "")
      wait $process; status=$?
      [[ -z ${killer:-} ]] || kill $killer
      exit $status
      """
    return try await Tool.run(
      "bash", ["-c", script, "-", "env", "PATH=/nowhere", Tool.dioptra] + words,
      environment: ["HOME": scratch.path], in: scratch.path)
  }
}
