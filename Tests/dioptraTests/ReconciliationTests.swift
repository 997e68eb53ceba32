import Foundation
import TestSupport
import Testing

/// What users see when their edits meet a new version.
struct ReconciliationTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }
  private let proxy = "lab/config/nginx/http_proxy.conf"

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "release=1.2.2")
  }

  @Test func configAndComponentBringTheFilesAlongWhenAskedAndStopAtConflicts() async throws {
    try scratch.write(
      try scratch.read("lab/docker-compose.yml").replacing("redis:7.2.6", with: "redis:mine"),
      to: "lab/docker-compose.yml")
    let configuration = try scratch.read("lab/dioptra.yaml")
    let stopped = try await shell.dioptra("config", "set", "redis_image=redis:7.4.0", "--apply", in: "lab")
    #expect(stopped.status == 3 && stopped.errors.contains("docker-compose.yml"))
    #expect(try scratch.read("lab/dioptra.yaml") == configuration)
    let resolved = try await shell.dioptra(
      "config", "set", "redis_image=redis:7.4.0", "--resolve", "docker-compose.yml=theirs", in: "lab")
    #expect(resolved.status == 0, "\(resolved.errors)")
    #expect(try scratch.read("lab/docker-compose.yml").contains("image: redis:7.4.0"))
    #expect(try await shell.dioptra("component", "disable", "dbadmin", "--apply", in: "lab").status == 0)
    #expect(try !scratch.read("lab/docker-compose.yml").contains("pgadmin"))
    let status = try Shell.object(try await shell.dioptra("status", "--json", in: "lab"))
    #expect((status["pendingChanges"] as? [Any])?.isEmpty == true)
  }

  @Test func onlyWhatFollowsFromAnEditOfTheConfigurationChanges() async throws {
    _ = try await shell.dioptra("config", "set", "nginx_proxy_read_timeout=400s", in: "lab")
    let report = try Shell.object(try await shell.dioptra("init", "--json", in: "lab"))
    let changes = try #require(report["changes"] as? [[String: String]])
    #expect(
      changes == [
        ["path": "config/nginx/http_proxy.conf", "action": "update"],
        ["path": "config/nginx/https_proxy.conf", "action": "update"],
      ])
  }

  @Test func anEditElsewhereInTheFileIsMerged() async throws {
    try scratch.write(try scratch.read(proxy) + "# mine\n", to: proxy)
    let outcome = try await shell.dioptra("init", "--set", "nginx_proxy_read_timeout=400s", in: "lab")
    #expect(outcome.output.contains("merge   config/nginx/http_proxy.conf"))
    let text = try scratch.read(proxy)
    #expect(text.contains("proxy_read_timeout 400s;") && text.hasSuffix("# mine\n"))
  }

  @Test func anEditOfTheSameLineStopsEverythingAndBothSidesCanBeRead() async throws {
    try edit("proxy_read_timeout 300s;", to: "proxy_read_timeout 7s;")
    _ = try await shell.dioptra("config", "set", "nginx_proxy_read_timeout=400s", "container_tag=1.2.2", in: "lab")
    let compose = try scratch.read("lab/docker-compose.yml")
    let outcome = try await shell.dioptra("init", in: "lab")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("config/nginx/http_proxy.conf: the same lines were changed by you and by dioptra"))
    #expect(try scratch.read("lab/docker-compose.yml") == compose)
    let conflict = "lab/.dioptra/conflicts/config/nginx/http_proxy.conf"
    #expect(try scratch.read("\(conflict).ours").contains("proxy_read_timeout 7s;"))
    #expect(try scratch.read("\(conflict).theirs").contains("proxy_read_timeout 400s;"))
    #expect(try scratch.read("\(conflict).markers").contains("<<<<<<< yours\nproxy_read_timeout 7s;\n======="))
    #expect(try await shell.dioptra("init", "--dry-run", in: "lab").status == 3)
  }

  @Test(arguments: [("ours", "7s"), ("theirs", "400s")])
  func aConflictIsDecidedByNameAndWhatIsOverwrittenIsKept(choice: String, expected: String) async throws {
    try edit("proxy_read_timeout 300s;", to: "proxy_read_timeout 7s;")
    let outcome = try await shell.dioptra(
      "init", "--set", "nginx_proxy_read_timeout=400s", "--resolve", "config/nginx/http_proxy.conf=\(choice)", in: "lab"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try scratch.read(proxy).contains("proxy_read_timeout \(expected);"))
    let kept = "lab/.dioptra/kept/2/config/nginx/http_proxy.conf"
    #expect((try? scratch.read(kept).contains("proxy_read_timeout 7s;")) == (choice == "theirs" ? true : nil))
    #expect(try await shell.dioptra("init", "--dry-run", "--render-only", in: "lab").status == 0)
  }

  @Test func conflictMarkersAreReportedUntilTheyAreResolved() async throws {
    try edit("proxy_read_timeout 300s;", to: "proxy_read_timeout 7s;")
    let outcome = try await shell.dioptra(
      "init", "--set", "nginx_proxy_read_timeout=400s", "--conflict", "markers", in: "lab")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("contain conflict markers"))
    #expect(try scratch.read(proxy).contains("<<<<<<< yours\nproxy_read_timeout 7s;\n=======\n"))
    #expect(try await marked() == ["config/nginx/http_proxy.conf"])
    #expect(
      try await shell.dioptra("init", "--set", "db_port=36000", in: "lab").output.contains("contain conflict markers"))
    #expect(try await marked() == ["config/nginx/http_proxy.conf"])
    let status = try await shell.dioptra("status", in: "lab").output
    #expect(
      status.contains("With unresolved conflict markers:\n  config/nginx/http_proxy.conf"))
    let lines = try scratch.read(proxy).split(separator: "\n", omittingEmptySubsequences: false)
    let chosen = lines.filter { !$0.hasPrefix("<<<<<<<") && !$0.hasPrefix("=======") && !$0.hasPrefix(">>>>>>>") }
    try scratch.write(chosen.joined(separator: "\n"), to: proxy)
    #expect(try await marked() == [])
  }

  /// What `status` names as not yet decided.
  private func marked() async throws -> [String]? {
    try Shell.object(try await shell.dioptra("status", "--json", in: "lab"))["marked"] as? [String]
  }

  @Test func whatAConflictLeftToLookAtGoesWhenThereIsNone() async throws {
    try edit("proxy_read_timeout 300s;", to: "proxy_read_timeout 7s;")
    #expect(try await shell.dioptra("init", "--set", "nginx_proxy_read_timeout=400s", in: "lab").status == 3)
    #expect(FileManager.default.fileExists(atPath: scratch.file("lab/.dioptra/conflicts")))
    #expect(try await shell.dioptra("init", in: "lab").status == 0)
    #expect(!FileManager.default.fileExists(atPath: scratch.file("lab/.dioptra/conflicts")))
  }

  @Test func changingTheConfigurationWaitsForOthersToo() async throws {
    for words in ["config set db_port=36000", "component disable dbadmin"] {
      let command =
        "exec 9>lab/.dioptra/lock; flock 9; printf '`dioptra upgrade`, process 7' >&9; \"$0\" \(words) -C lab 9>&-"
      let outcome = try await Tool.run("bash", ["-c", command, Tool.dioptra], in: scratch.path)
      #expect(outcome.status == 75)
      #expect(outcome.errors.contains("`dioptra upgrade`, process 7"))
    }
  }

  @Test func aConflictIsDecidedByAFile() async throws {
    try edit("proxy_read_timeout 300s;", to: "proxy_read_timeout 7s;")
    try scratch.write("# by hand\n", to: "wanted.conf")
    let outcome = try await shell.dioptra(
      "init", "lab", "--set", "nginx_proxy_read_timeout=400s", "--resolve",
      "config/nginx/http_proxy.conf=\(scratch.file("wanted.conf"))")
    #expect(outcome.status == 0)
    #expect(try scratch.read(proxy) == "# by hand\n")
  }

  @Test func aMergeThatIsNoYAMLIsAConflict() async throws {
    let compose = "lab/docker-compose.yml"
    try scratch.write(try scratch.read(compose) + "  broken: [\n", to: compose)
    let outcome = try await shell.dioptra("init", "--set", "container_tag=1.2.2", in: "lab")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("docker-compose.yml: your lines and dioptra's do not make valid YAML together"))
  }

  @Test func noSecretAndNoTypedPasswordIsInStateOutsideItsTable() async throws {
    let values = try shell.values(of: "lab/.env")
    let typed = "typed-by-a-person-0123456789"
    let password = try #require(values["PGADMIN_DEFAULT_PASSWORD"])
    try scratch.write(try scratch.read("lab/.env").replacing(password, with: typed), to: "lab/.env")
    #expect(try await shell.dioptra("init", "--set", "nginx_server_name=lab.example.org", in: "lab").status == 0)
    #expect(try scratch.read("lab/.env").contains(typed))
    #expect(try scratch.read("lab/.env").contains("lab.example.org"))
    let dump = try await Tool.run(
      "sqlite3", [scratch.file("lab/.dioptra/state.db"), ".dump content file change event run generation"])
    #expect(dump.output.contains("CREATE TABLE content"))
    let secrets = values.filter { $0.key.hasSuffix("PASSWORD") || $0.key.hasSuffix("_KEY") }
      .compactMap { $0.value.split(separator: ":").last }
    #expect(secrets.count == 9)
    for secret in secrets + [typed[...]] { #expect(!dump.output.contains(secret)) }
  }

  @Test func aPrivateFileThatWasMergedIsMergedAgain() async throws {
    try scratch.write(try scratch.read("lab/.env") + "MINE=a-word-of-mine\n", to: "lab/.env")
    for name in ["one", "two", "three"] {
      #expect(try await shell.dioptra("init", "--set", "nginx_server_name=\(name).example.org", in: "lab").status == 0)
      let text = try scratch.read("lab/.env")
      #expect(text.contains("\(name).example.org") && text.hasSuffix("\nMINE=a-word-of-mine\n"))
    }
  }

  @Test func aLinkInPlaceOfAFileIsNeverWrittenThrough() async throws {
    try scratch.write("outside", to: "outside.conf")
    try FileManager.default.removeItem(atPath: scratch.file(proxy))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file(proxy), withDestinationPath: scratch.file("outside.conf"))
    #expect(try await shell.dioptra("init", in: "lab").status == 0)
    let outcome = try await shell.dioptra("init", "--set", "nginx_proxy_read_timeout=400s", in: "lab")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("a symbolic link stands in its place, or on the way to it"))
    let decided = try await shell.dioptra(
      "init", "--set", "nginx_proxy_read_timeout=400s", "--conflict", "theirs", in: "lab")
    #expect(decided.status == 0)
    #expect(try scratch.read(proxy).contains("proxy_read_timeout 400s;"))
    #expect(try scratch.read("outside.conf") == "outside")
    let kept = try scratch.files(below: "lab/.dioptra/kept").filter { $0.key.hasSuffix("http_proxy.conf.link") }
    #expect(kept.values.map { $0 } == [0o600])
    #expect(try scratch.read("lab/.dioptra/kept/\(kept.keys.first ?? "")") == scratch.file("outside.conf"))
  }

  @Test func aCloneAtAnotherPathHasNoConflicts() async throws {
    try FileManager.default.moveItem(atPath: scratch.file("lab"), toPath: scratch.file("clone"))
    for name in [".dioptra", ".env", "secrets"] {
      try FileManager.default.removeItem(atPath: scratch.file("clone/\(name)"))
    }
    try scratch.write(try scratch.read("clone/README.md") + "\nOur notes.\n", to: "clone/README.md")
    let status = try Shell.object(try await shell.dioptra("status", "--json", "-C", "clone"))
    let pending = try #require(status["pendingChanges"] as? [[String: String]])
    #expect(!pending.contains { $0["action"] == "conflict" })
    #expect(try await shell.dioptra("init", "clone").status == 0)
    #expect(try scratch.read("clone/README.md").hasSuffix("Our notes.\n"))
    #expect(try scratch.read("clone/systemd/dioptra.service").contains("WorkingDirectory=\(scratch.file("clone"))\n"))
  }

  @Test func aMovedFolderGetsAUnitWithItsNewPath() async throws {
    try FileManager.default.moveItem(atPath: scratch.file("lab"), toPath: scratch.file("moved"))
    let report = try Shell.object(try await shell.dioptra("init", "--json", in: "moved"))
    #expect(report["changes"] as? [[String: String]] == [["path": "systemd/dioptra.service", "action": "update"]])
  }

  private func edit(_ line: String, to other: String) throws {
    try scratch.write(try scratch.read(proxy).replacing(line, with: other), to: proxy)
  }
}
