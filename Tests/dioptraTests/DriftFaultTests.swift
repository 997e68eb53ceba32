import Foundation
import TestSupport
import Testing

/// The process dies, or the system refuses, at every place of an `--accept` and of a `--repair`. The next command
/// finishes or undoes, and nothing is lost.
struct DriftFaultTests {
  private static let edit = "# an edit of mine\n"
  private static let edited = ["config/nginx/http_proxy.conf", "docker-compose.yml", "secrets/postgres-passwd.env"]
  private static let repair = ["drift", "--repair", "-C", "lab"]
  private static let accept = [
    "drift", "--accept", "config", "docker-compose.yml", "scripts", "README.md", "-C", "lab",
  ]

  /// A deployment with every kind of difference, and the recorded content of what differs.
  private static func prepared() async throws -> (scratch: Scratch, recorded: [String: String]) {
    let scratch = try Scratch(inMemory: true)
    _ = try await FaultScene.dioptra(scratch, ["init", "lab", "--no-input", "--set", "release=1.2.2"])
    let names = edited + ["README.md", "config/db/init-db.sh", "envs/ca-certificates.env"]
    let recorded = try Dictionary(uniqueKeysWithValues: names.map { ($0, try scratch.read("lab/\($0)")) })
    for name in edited { try scratch.write(try scratch.read("lab/\(name)") + edit, to: "lab/\(name)") }
    chmod(scratch.file("lab/secrets/postgres-passwd.env"), 0o600)
    try FileManager.default.removeItem(atPath: scratch.file("lab/README.md"))
    try FileManager.default.removeItem(atPath: scratch.file("lab/config/db/init-db.sh"))
    try scratch.write("mine in a folder", to: "lab/config/db/init-db.sh/mine")
    try scratch.write("mine", to: "lab/scripts/mine.sh")
    chmod(scratch.file("lab/envs/ca-certificates.env"), 0o755)
    return (scratch, recorded)
  }

  /// Every edit of the user's is in its place or among what is kept.
  ///
  /// - Parameter recorded: What the edited files were; nil where an init may have merged them with what is new.
  private static func loss(_ scratch: Scratch, _ recorded: [String: String]?) throws -> String? {
    let files = try scratch.files(below: "lab")
    func texts(_ name: String) -> [String] {
      files.keys.filter { $0 == name || $0.hasPrefix(".dioptra/kept/") && $0.hasSuffix("/\(name)") }
        .compactMap { try? scratch.read("lab/\($0)") }
    }
    for name in edited where !texts(name).contains(where: { $0.hasSuffix((recorded?[name] ?? "") + edit) }) {
      return "the edit of \(name)"
    }
    if !texts("scripts/mine.sh").contains("mine") { return "scripts/mine.sh" }
    if !texts("config/db/init-db.sh/mine").contains("mine in a folder") { return "the folder" }
    return nil
  }

  private static func isRecorded(_ scratch: Scratch, _ recorded: [String: String]) throws -> Bool {
    try recorded.allSatisfy { try scratch.read("lab/\($0.key)") == $0.value }
      && scratch.files(below: "lab")["envs/ca-certificates.env"] == 0o644
      && scratch.files(below: "lab")["secrets/postgres-passwd.env"] == 0o600
      && scratch.files(below: "lab")["scripts/mine.sh"] == nil
  }

  private static func leftovers(_ scratch: Scratch) throws -> [String] {
    try scratch.files(below: "lab").keys.filter { $0.hasSuffix(".dioptra-new") && !$0.hasPrefix(".dioptra/") }
  }

  @Test(arguments: ["exit", "ENOSPC", "EIO", "EACCES"])
  func aRepairThatFailsAnywhereIsFinishedByTheNext(code: String) async throws {
    var unrefused = 0
    let places = try await FaultScene.everyPlace { place in
      let (scratch, recorded) = try await Self.prepared()
      let died = try await FaultScene.dioptra(scratch, Self.repair, fault: "\(code):\(place)")
      if died.succeeded {
        // The place right after a commit cannot be refused, and not every clean-up has to succeed.
        unrefused += 1
        guard code != "exit", unrefused < 8 else { return .pastTheEnd }
      } else if died.status != (code == "exit" ? 99 : 1) {
        return .failed("\(died.status): \(died.errors)")
      }
      if let lost = try Self.loss(scratch, recorded) { return .failed("lost: \(lost)") }
      let look = try await FaultScene.dioptra(scratch, ["drift", "--json", "-C", "lab"])
      guard [0, 2].contains(look.status) else { return .failed("drift: \(look.status) \(look.errors)") }
      let next = try await FaultScene.dioptra(scratch, Self.repair)
      guard next.succeeded else { return .failed("again: \(next.output)\(next.errors)") }
      guard try Self.isRecorded(scratch, recorded) else { return .failed("not as recorded") }
      if let lost = try Self.loss(scratch, recorded) { return .failed("lost in the end: \(lost)") }
      guard try Self.leftovers(scratch).isEmpty else { return .failed("left: \(try Self.leftovers(scratch))") }
      return try await FaultScene.judge(scratch, folder: "lab", edited: false)
    }
    print("repair, \(code): \(places) places")
    #expect(places > 20)
  }

  @Test func afterAnInterruptedRepairInitResumesAndLosesNothing() async throws {
    let places = try await FaultScene.everyPlace { place in
      let (scratch, recorded) = try await Self.prepared()
      let died = try await FaultScene.dioptra(scratch, Self.repair, fault: "exit:\(place)")
      guard died.status == 99 else { return died.succeeded ? .pastTheEnd : .failed(died.errors) }
      let next = try await FaultScene.dioptra(scratch, ["init", "lab", "--set", "db_port=36000", "--conflict", "ours"])
      guard next.succeeded else { return .failed(next.errors) }
      if let lost = try Self.loss(scratch, recorded), !lost.contains("docker-compose") {
        return .failed("lost: \(lost)")
      }
      guard try Self.leftovers(scratch).isEmpty else { return .failed("left: \(try Self.leftovers(scratch))") }
      let rest = try await FaultScene.dioptra(scratch, Self.repair)
      guard rest.succeeded else { return .failed(rest.output) }
      guard try scratch.read("lab/README.md") == recorded["README.md"] else { return .failed("README.md") }
      return try await FaultScene.judge(scratch, folder: "lab", edited: false)
    }
    #expect(places > 20)
  }

  @Test(arguments: ["exit", "ENOSPC", "EIO", "EACCES"])
  func anAcceptThatFailsAnywhereIsDoneOrNotAndTheDiskIsAsItWas(code: String) async throws {
    var unrefused = 0
    let places = try await FaultScene.everyPlace { place in
      let (scratch, _) = try await Self.prepared()
      let before = try Self.contents(scratch)
      let died = try await FaultScene.dioptra(scratch, Self.accept, fault: "\(code):\(place)")
      if died.status == 2 {
        unrefused += 1
        guard code != "exit", unrefused < 8 else { return .pastTheEnd }
      } else if died.status != (code == "exit" ? 99 : 1) {
        return .failed("\(died.status): \(died.errors)")
      }
      guard try Self.contents(scratch) == before else { return .failed("the disk changed") }
      let next = try await FaultScene.dioptra(scratch, Self.accept + ["--json"])
      guard next.status == 2 || next.status == 1 else { return .failed(next.errors) }
      let look = try Shell.object(try await FaultScene.dioptra(scratch, ["drift", "--json", "-C", "lab"]))
      let rest = (look["findings"] as? [[String: Any]] ?? []).compactMap { $0["path"] as? String }
      guard rest == ["config/db/init-db.sh", "envs/ca-certificates.env", "secrets/postgres-passwd.env"] else {
        return .failed("left to accept: \(rest)")
      }
      return try await FaultScene.judge(scratch, folder: "lab", edited: false)
    }
    print("accept, \(code): \(places) places")
    #expect(places >= 4)
  }

  @Test func afterAnInterruptedInitDriftSaysSoAndAcceptAndRepairComplete() async throws {
    let change = ["init", "lab", "--set", "nginx_proxy_read_timeout=400s", "--set", "container_tag=1.2.2"]
    for place in stride(from: 8, to: 60, by: 3) {
      for command in [Self.repair, Self.accept] {
        let (scratch, _) = try await Self.prepared()
        let died = try await FaultScene.dioptra(scratch, change + ["--conflict", "ours"], fault: "exit:\(place)")
        guard died.status == 99 else { continue }
        let look = try await FaultScene.dioptra(scratch, ["drift", "-C", "lab"])
        #expect(look.status == 2)
        let isUnfinished = look.errors.contains("An earlier command was interrupted")
        #expect(look.errors.split(separator: "\n").count == (isUnfinished ? 1 : 0))
        let next = try await FaultScene.dioptra(scratch, command)
        try #require([0, 1, 2].contains(next.status), "\(place): \(next.errors)")
        try #require(try Self.leftovers(scratch).isEmpty || next.status == 1)
        let last = try await FaultScene.dioptra(scratch, change + ["--conflict", "ours"])
        try #require(last.succeeded, "\(place): \(last.errors)")
        let lost = try Self.loss(scratch, nil)
        #expect(lost == nil, "\(place), \(command)")
        #expect(try scratch.read("lab/config/nginx/https_proxy.conf").contains("proxy_read_timeout 400s;"))
      }
    }
  }

  private static func contents(_ scratch: Scratch) throws -> [String: Data] {
    let names = try scratch.files(below: "lab").keys.filter { !$0.hasPrefix(".dioptra/") }
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(filePath: scratch.file("lab/\($0)")))) })
  }
}
