import Foundation
import TestSupport
import Testing

/// Root runs a command in a user's folder while that user keeps exchanging it with a link to root's own.
@Suite(.needs("setpriv"), .enabled(if: getuid() == 0, "only root can work for others"))
struct FolderRaceTests {
  /// Both are reached, however busy the machine is.
  private static let duration = Duration.seconds(Thorough.isOn ? 30 : 3)
  private static let rounds = Thorough.isOn ? 60 : 3
  private static let person = "4711"
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  @Test func nothingOfRootsIsReadOrChangedThere() async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    print("folder race, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    // Closed to the person, as root's home is.
    try await shell("mkdir -m 700 roots && \(Self.quiet) init roots/dep --no-input --render-only")
    let before = try contents()
    let secrets = try scratch.read("roots/dep/.env").split(separator: "\n")
      .compactMap { $0.split(separator: "=").last }.filter { $0.wholeMatch(of: /[A-Za-z0-9]{26,}/) != nil }
    try #require(secrets.count > 4)
    try scratch.write(Self.exchange, to: "exchange.py")
    let start = ContinuousClock.now
    var rounds = 0
    while rounds < Self.rounds || ContinuousClock.now - start < Self.duration {
      rounds += 1
      let delay = Int.random(in: 0..<20, using: &generator)
      try await shell(
        """
        chmod 644 exchange.py; rm -rf home stop ready; mkdir -p home/dep/.dioptra; cp roots/dep/dioptra.yaml home/dep; chmod 644 home/dep/*.yaml
        ln -s "$PWD/roots/dep" home/link; chown -hR \(Self.person):\(Self.person) home
        setpriv --reuid \(Self.person) --regid \(Self.person) --clear-groups python3 exchange.py home/dep home/link stop >ready &
        for try in $(seq 500); do [ -s ready ] && break; sleep 0.01; done; [ -s ready ] || exit 1; sleep 0.0\(delay < 10 ? "0" : "")\(delay)
        SUDO_UID=\(Self.person) \(Self.quiet) init home/dep --no-input --render-only >/dev/null 2>&1
        touch stop; wait
        """)
      for name in ["dep", "link"] {
        let path = "home/\(name)/.env"
        guard (try? FileManager.default.destinationOfSymbolicLink(atPath: scratch.file("home/\(name)"))) == nil,
          let text = try? scratch.read(path)
        else { continue }
        #expect(!secrets.contains { text.contains($0) }, "seed \(seed), round \(rounds): \(path)")
      }
      try #require(try contents() == before, "seed \(seed), round \(rounds)")
    }
    print("folder race, \(rounds) rounds")
  }

  /// What root's own deployment is.
  private func contents() throws -> [String: Data] {
    let files = try scratch.files(below: "roots/dep").keys.filter { !$0.hasPrefix(".dioptra/lock") }
    return try Dictionary(
      uniqueKeysWithValues: files.map { ($0, try Data(contentsOf: URL(filePath: scratch.file("roots/dep/\($0)")))) })
  }

  private static let quiet = "PATH=/nowhere '\(Tool.dioptra)'"

  /// RENAME_EXCHANGE, until a file is there.
  private static let exchange = """
    import ctypes, os, sys
    libc = ctypes.CDLL(None)
    one, other = sys.argv[1].encode(), sys.argv[2].encode()
    print("ready", flush=True)
    while not os.path.exists(sys.argv[3]):
        libc.renameat2(-100, one, -100, other, 2)
    """

  private func shell(_ script: String) async throws {
    let outcome = try await Tool.run(
      "bash", ["-c", "umask 022; chmod 755 .; export PATH=/usr/bin:/bin; " + script], in: scratch.path)
    try #require(outcome.succeeded, "\(outcome.errors)")
  }
}
