import Foundation
import TestSupport
import Testing

/// Links, folders and special files where `init` expects files of its own: nothing outside the folder is ever changed.
struct HostileFolderTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }
  private let proxy = "lab/config/nginx/http_proxy.conf"
  private let change = ["init", "lab", "--set", "nginx_proxy_read_timeout=400s"]

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input")
  }

  @Test func aHardLinkIsReplacedAndWhatItSharedStays() async throws {
    for name in [proxy, "lab/dioptra.yaml", "lab/.env"] {
      let outside = "outside/\(name.split(separator: "/").last ?? "")"
      try scratch.write(try scratch.read(name), to: outside)
      try FileManager.default.removeItem(atPath: scratch.file(name))
      try FileManager.default.linkItem(atPath: scratch.file(outside), toPath: scratch.file(name))
    }
    let before = try ["http_proxy.conf", "dioptra.yaml", ".env"].map { try scratch.read("outside/\($0)") }
    #expect(try await run(change + ["--set", "nginx_server_name=lab.example.org"]).status == 0)
    #expect(try await shell.dioptra("config", "set", "db_port=36000", in: "lab").status == 0)
    #expect(try scratch.read(proxy).contains("proxy_read_timeout 400s;"))
    #expect(try scratch.read("lab/.env").contains("lab.example.org"))
    #expect(try ["http_proxy.conf", "dioptra.yaml", ".env"].map { try scratch.read("outside/\($0)") } == before)
  }

  @Test(arguments: ["lab/config", "lab/config/nginx", "lab/.dioptra"])
  func aLinkInPlaceOfAFolderIsNotFollowed(name: String) async throws {
    try FileManager.default.moveItem(atPath: scratch.file(name), toPath: scratch.file("outside"))
    try link(name, to: "outside")
    let before = try scratch.files(below: "outside")
    let outcome = try await run(change)
    #expect(outcome.status == (name == "lab/.dioptra" ? 1 : 3))
    #expect(outcome.errors.contains("symbolic link"), "\(outcome.errors)")
    #expect(try scratch.files(below: "outside") == before)
    #expect(try scratch.read("lab/dioptra.yaml").contains("# nginx_proxy_read_timeout"))
  }

  @Test(arguments: ["lab/.dioptra/state.db", "lab/.dioptra/lock", "lab/dioptra.yaml"])
  func aLinkInPlaceOfAFileOfTheProgramsOwnIsRefused(name: String) async throws {
    let text = try Data(contentsOf: URL(filePath: scratch.file(name)))
    try FileManager.default.moveItem(atPath: scratch.file(name), toPath: scratch.file("outside"))
    try link(name, to: "outside")
    let outcome = try await run(change)
    #expect(outcome.status == 1)
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(try Data(contentsOf: URL(filePath: scratch.file("outside"))) == text)
  }

  @Test func aFolderOrAPipeInPlaceOfAFileIsAConflictAndNothingChanges() async throws {
    for (name, make) in [(proxy, "mkdir"), ("lab/config/nginx/https_proxy.conf", "mkfifo")] {
      try FileManager.default.removeItem(atPath: scratch.file(name))
      #expect(try await Tool.run(make, [scratch.file(name)]).succeeded)
    }
    let outcome = try await run(change)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("http_proxy.conf: a folder stands in the file's place"))
    #expect(outcome.errors.contains("https_proxy.conf: a special file stands in the file's place"))
    #expect(try scratch.read("lab/dioptra.yaml").contains("# nginx_proxy_read_timeout"))
  }

  @Test(arguments: ["../outside", "/etc/passwd", ".dioptra/state.db", "config/nginx/../../README.md", ""])
  func aPathThatIsNoneOfTheDeploymentsCannotBeDecided(path: String) async throws {
    let outcome = try await run(change + ["--resolve", "\(path)=theirs"])
    #expect(outcome.status == (path.isEmpty ? 64 : 1))
    #expect(try scratch.read("lab/dioptra.yaml").contains("# nginx_proxy_read_timeout"))
  }

  @Test func theFolderItselfMayBeReachedThroughALink() async throws {
    try link("short", to: "lab")
    #expect(try await shell.dioptra("init", "short", "--set", "nginx_proxy_read_timeout=400s").status == 0)
    #expect(try scratch.read(proxy).contains("proxy_read_timeout 400s;"))
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file(name), withDestinationPath: scratch.file(target))
  }

  private func run(_ arguments: [String]) async throws -> Tool.Outcome {
    try await Tool.run(Tool.dioptra, arguments, in: scratch.path)
  }
}
