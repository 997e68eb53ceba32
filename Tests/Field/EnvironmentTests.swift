import Foundation
import TestSupport
import Testing

/// Commands give the same results whatever the shell that they are typed into has set.
struct EnvironmentTests {
  /// How many environments are tried, and in how many of them an engine is called, too.
  private static let counts = (all: 50, withEngine: 8)

  @Test func everyResultIsTheSameInAnyEnvironment() async throws {
    let seed = UInt64.random(in: 0...999_999)
    print("environments: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    for folder in ["home", "work"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    let begun = try await session(
      "engine; dioptra init lab --no-input --render-only --quiet; volumes_of lab", [:], in: scratch)
    try #require(begun.isEmpty, "\(begun)")
    let plain = try await results([:], withEngine: false, in: scratch)
    let calling = try await results([:], withEngine: true, in: scratch)
    for count in 0..<Self.counts.all {
      let withEngine = count < Self.counts.withEngine
      let expected = withEngine ? calling : plain
      let environment = Self.environment(&generator)
      let actual = try await results(environment, withEngine: withEngine, in: scratch)
      #expect(actual == expected, "\(environment)")
    }
  }

  /// What commands say, what they call Docker with, and the files and permissions that they leave.
  private func results(
    _ environment: [String: String], withEngine: Bool, in scratch: Scratch
  ) async throws -> String {
    let looking = """
      rm lab/docker-compose.yml lab/.env
      dioptra drift -C lab --repair --no-input --quiet; echo $?
      dioptra init lab --no-input --render-only --quiet; echo $?
      dioptra config list -C lab
      (cd lab; find . -path ./.dioptra -prune -o -type f -printf '%m %p ' -exec sha256sum {} \\;)

      """
    let calling = """
      engine; dioptra start -C lab; dioptra ps -C lab; dioptra stop -C lab; sort -u $ENGINE/calls

      """
    return try await session(looking + (withEngine ? calling : ""), environment, in: scratch)
  }

  private func session(
    _ commands: String, _ environment: [String: String], in scratch: Scratch
  ) async throws -> String {
    var environment = environment
    let mask = environment.removeValue(forKey: "umask") ?? "022"
    let isHomeless = environment.removeValue(forKey: "no home") != nil && !commands.contains("engine")
    let words = environment.sorted { $0.key < $1.key }.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    // Only the program itself is given the environment: the shell and its tools would differ, too.
    let script = """
      exec 2>&1 </dev/null
      . \(Transcript.rigs.path())/prelude.sh
      dioptra() {
        local path=/nowhere
        [[ -z ${ENGINE:-} ]] || path=$RIGS/bin:/usr/bin:/bin
        (umask \(mask); exec env \(isHomeless ? "-u HOME " : "")\(words) PATH="$path" "$DIOPTRA" "$@")
      }

      """
    try scratch.write(script + commands, to: ".session")
    return try await Tool.run(
      "bash", [scratch.file(".session")],
      environment: ["DIOPTRA": Tool.dioptra, "HOME": scratch.file("home"), "RIGS": Transcript.rigs.path()],
      in: scratch.file("work")
    ).output
  }

  private static func environment(_ generator: inout SeededGenerator) -> [String: String] {
    let choices: [(String, [String])] = [
      ("COMPOSE_PROJECT_NAME", ["x", "other"]), ("COMPOSE_FILE", ["nothing.yml"]), ("COMPOSE_PROFILES", ["debug"]),
      ("COMPOSE_DISABLE_ENV_FILE", ["1", "true"]), ("COMPOSE_ENV_FILES", ["/dev/null"]), ("COMPOSE_ANSI", ["always"]),
      ("COMPOSE_REMOVE_ORPHANS", ["1"]), ("COMPOSE_IGNORE_ORPHANS", ["1"]), ("COMPOSE_PARALLEL_LIMIT", ["1"]),
      ("COMPOSE_CONVERT_WINDOWS_PATHS", ["1"]), ("COMPOSE_PATH_SEPARATOR", [";"]), ("COMPOSE_STATUS_STDOUT", ["1"]),
      ("DOCKER_DEFAULT_PLATFORM", ["linux/arm64"]), ("DOCKER_CONTENT_TRUST", ["1"]), ("DOCKER_BUILDKIT", ["0"]),
      ("DOCKER_HIDE_LEGACY_COMMANDS", ["1"]), ("POSTGRES_USER_DIOPTRA_PASSWORD", ["no", ""]),
      ("MINIO_ROOT_PASSWORD", ["no"]), ("LC_ALL", ["C", "de_DE.UTF-8", "tr_TR.UTF-8", "POSIX"]),
      ("LANG", ["ja_JP.eucJP"]),
      ("TZ", ["Asia/Kathmandu", "UTC+14", "nonsense"]), ("umask", ["000", "077", "027", "0777"]), ("no home", ["1"]),
      ("TERM", ["dumb", ""]), ("COLUMNS", ["20"]), ("USER", [""]), ("SHELL", ["/bin/false"]), ("IFS", ["x"]),
      ("CDPATH", ["/"]), ("BASH_ENV", ["/nothing"]), ("LD_LIBRARY_PATH", ["/nothing"]),
    ]
    return Dictionary(
      uniqueKeysWithValues: choices.filter { _ in Bool.random(using: &generator) }.map { name, values in
        (name, values.randomElement(using: &generator) ?? "")
      })
  }
}
