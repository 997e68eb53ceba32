import Foundation
import TestSupport
import Testing

/// `dioptra drift` on a whole deployment: every kind of difference in every kind of file, told exactly.
struct DriftCommandTests {
  let shell: Shell
  var scratch: Scratch { shell.scratch }
  let proxy = "config/nginx/http_proxy.conf"

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "release=1.2.2")
  }

  // MARK: Looking

  @Test func aFreshDeploymentAndOneThatWasOnlyTouchedAreClean() async throws {
    #expect(try await findings() == [])
    for name in try scratch.files(below: "lab").keys where !name.hasPrefix(".dioptra/") {
      let file = scratch.file("lab/\(name)")
      let bytes = try Data(contentsOf: URL(filePath: file))
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
      try bytes.write(to: URL(filePath: file), options: .atomic)
      try FileManager.default.setAttributes(
        [.posixPermissions: mode ?? 0o644, .modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: file)
    }
    let outcome = try await shell.dioptra("drift", in: "lab")
    #expect(outcome.status == 0)
    #expect(outcome.output == "\(scratch.file("lab")): as recorded.\n")
  }

  @Test(arguments: ["edit", "delete", "chmod", "link", "folder", "pipe", "owner"])
  func inEveryFileADifferenceIsTheOneFinding(deed: String) async throws {
    if deed == "owner", getuid() != 0 { return }
    let modes = try scratch.files(below: "lab")
    let names = modes.keys.filter { !$0.hasPrefix(".dioptra/") && $0 != "dioptra.yaml" }
    #expect(names.count > 50)
    for name in names {
      let file = scratch.file("lab/\(name)")
      switch deed {
      case "edit": try scratch.write(try scratch.read("lab/\(name)") + "\n# mine\n", to: "lab/\(name)")
      case "chmod": chmod(file, modes[name] == 0o600 ? 0o640 : mode_t(modes[name] ?? 0) ^ 0o111)
      case "owner": chown(file, 4321, 4321)
      default:
        try FileManager.default.removeItem(atPath: file)
        switch deed {
        case "link": try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "/etc/passwd")
        case "folder": try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        case "pipe": mkfifo(file, 0o600)
        default: break
        }
      }
    }
    let kind = [
      "edit": "edited", "delete": "missing", "chmod": "mode", "owner": "owner", "link": "type", "folder": "type",
      "pipe": "type",
    ][deed]
    #expect(try await findings() == names.map { "\(kind ?? "") \($0)" }.sorted())
    #expect(try await shell.dioptra("drift", "--repair", in: "lab").status == 0)
    #expect(try await findings() == [])
  }

  @Test func extraFilesAreReportedOnlyInManagedFolders() async throws {
    let folders = ["config", "envs", "scripts", "secrets", "ssl", "systemd"]
    for folder in folders { try scratch.write("mine", to: "lab/\(folder)/deep/mine.txt") }
    for name in [
      "docker-compose.override.yml", "notes.md", "data/mine.txt", "ssl/ca-certificates/lab.crt", "ssl/nginx/server.key",
      "ssl/nginx/server.crt", "ssl/db/deep/chain.pem", "envs2/mine.env",
    ] { try scratch.write("mine", to: "lab/\(name)") }
    try FileManager.default.createDirectory(
      atPath: scratch.file("lab/config/empty"), withIntermediateDirectories: false)
    #expect(try await findings() == folders.map { "extra \($0)/deep/mine.txt" })
  }

  @Test func aChangedSecretIsReportedByNameAndNeverByValue() async throws {
    let known = try shell.values(of: "lab/.env")
    let password = try #require(known["MINIO_ROOT_PASSWORD"])
    try replace(".env", password, with: "a-password-of-mine")
    try replace("secrets/dioptra-deployment-minio-accounts.env", password, with: "another-of-mine")
    try append("secrets/postgres-passwd.env", "MY_TOKEN=a-token-of-mine\n")
    let outcome = try await shell.dioptra("drift", "--diff", "--json", in: "lab")
    let all = try #require(try Shell.object(outcome)["findings"] as? [[String: Any]])
    #expect(
      all.map { "\($0["kind"] ?? "") \($0["path"] ?? "") \(($0["secrets"] as? [String] ?? []).joined())" } == [
        "secret .env minio_root_password",
        "secret secrets/dioptra-deployment-minio-accounts.env minio_root_password",
        "edited secrets/postgres-passwd.env ",
      ])
    let human = try await shell.dioptra("drift", "--diff", "-v", in: "lab")
    #expect(human.output.contains("MY_TOKEN=‹hidden"))
    let words = outcome.output + outcome.errors + human.output + human.errors
    #expect(words.contains("minio_root_password"))
    for value in ["of-mine", password]
      + known.values.filter({ $0.count >= 32 && !$0.contains(":") && !$0.contains(",") })
    {
      #expect(!words.contains(value))
    }
  }

  @Test func aSettingOrAQuoteBesideASecretIsAnEdit() async throws {
    let password = try #require(try shell.values(of: "lab/.env")["PGADMIN_DEFAULT_PASSWORD"])
    try replace(".env", "=\(password)", with: "=\"\(password)\"")
    try replace(".env", "@dioptra-deployment-db/restapi", with: "@elsewhere/restapi")
    #expect(try await findings() == ["edited .env"])
    try replace(".env", "=\"\(password)\"", with: "=\(password)x")
    #expect(try await findings() == ["secret .env"])
    try replace(".env", "=\(password)x", with: "=\(password)")
    try append(".env", "PGADMIN_DEFAULT_PASSWORD=later\n")
    #expect(try await findings() == ["secret .env"])
  }

  @Test(.needs("sqlite3")) func aSecretThatStateKnowsOtherwiseIsADifferenceOfEachFileThatShowsIt() async throws {
    let state = scratch.file("lab/.dioptra/state.db")
    let change = "UPDATE secret SET value = 'another' WHERE name = 'minio_root_password'"
    #expect(try await Tool.run("sqlite3", [state, change]).succeeded)
    #expect(
      try await findings() == ["secret .env", "secret secrets/dioptra-deployment-minio-accounts.env"])
  }

  @Test func aConfigurationThatWasNotRenderedIsStaleAndACommentIsNot() async throws {
    try append("dioptra.yaml", "# a note\n")
    #expect(try await findings() == [])
    _ = try await shell.dioptra("config", "set", "db_port=35432", in: "lab")
    #expect(try await findings() == [])
    _ = try await shell.dioptra("config", "set", "db_port=36000", in: "lab")
    let report = try Shell.object(try await shell.dioptra("drift", "--json", in: "lab"))
    let found = try #require((report["findings"] as? [[String: Any]])?.first)
    let finding = found.compactMapValues { $0 as? String }
    #expect(finding["path"] == "dioptra.yaml" && finding["kind"] == "stale" && finding["component"] == "postgres")
    #expect(finding["remedy"] == "dioptra init")
    #expect(found["commands"] as? [[String]] == [["dioptra", "init"]])
    #expect(finding["detail"] == "not rendered yet: db_port")
    #expect(try await shell.dioptra("drift", "--repair", in: "lab").status == 2)
    #expect(try scratch.read("lab/dioptra.yaml").contains("\ndb_port: 36000\n"))
    _ = try await shell.dioptra("init", in: "lab")
    #expect(try await findings() == [])
    try append("dioptra.yaml", "nonsense: [\n")
    #expect(try await findings() == ["stale dioptra.yaml"])
    try FileManager.default.removeItem(atPath: scratch.file("lab/dioptra.yaml"))
    #expect(try await findings() == ["missing dioptra.yaml"])
    #expect(try await shell.dioptra("drift", "--repair", "dioptra.yaml", in: "lab").status == 0)
    #expect(try scratch.read("lab/dioptra.yaml").contains("\ndb_port: 36000\n"))
  }

  @Test func pathsAreRelativeToTheCurrentFolder() async throws {
    for name in [proxy, "config/nginx/http_default.conf", "README.md"] { try append(name, "# mine\n") }
    #expect(try await findings("README.md") == ["edited README.md"])
    #expect(try await findings("config") == ["edited config/nginx/http_default.conf", "edited \(proxy)"])
    #expect(try await findings("./config//nginx/../nginx/http_proxy.conf") == ["edited \(proxy)"])
    #expect(try await findings("http_proxy.conf", in: "lab/config/nginx") == ["edited \(proxy)"])
    #expect(try await findings(proxy, in: "lab/config/nginx") == ["edited \(proxy)"])
    #expect(try await findings(scratch.file("lab/\(proxy)"), in: "lab/envs") == ["edited \(proxy)"])
    #expect(try await findings("docker-compose.yml") == [])
    for path in ["nonsense", "../lab2", "/etc/passwd"] {
      let outcome = try await shell.dioptra("drift", path, in: "lab")
      #expect(outcome.status == 1 && outcome.errors.contains("is not a file of this deployment"))
    }
  }

  @Test func inspectingIsReadOnlyAndTakesNoLock() async throws {
    try append(proxy, "# mine\n")
    let before = try snapshot()
    let command = "exec 9>lab/.dioptra/lock; flock 9; \"$0\" drift --diff -C lab 9>&-"
    let outcome = try await Tool.run("bash", ["-c", command, Tool.dioptra], in: scratch.path)
    #expect(outcome.status == 2)
    #expect(try snapshot() == before)
    let accept = "exec 9>lab/.dioptra/lock; flock 9; \"$0\" drift --accept \(proxy) -C lab 9>&-"
    #expect(try await Tool.run("bash", ["-c", accept, Tool.dioptra], in: scratch.path).status == 75)
  }

  @Test func namesThatWouldSteerATerminalOrAreNoTextStayInTheirCell() async throws {
    let script = #"cd lab/config; touch $'a\e[2Jb' $'two\nlines' $'\xff\xfe' $'turn\u202eed' $'it\'s mine'"#
    #expect(try await Tool.run("bash", ["-c", "LC_ALL=C.UTF-8; \(script)"], in: scratch.path).succeeded)
    let outcome = try await shell.dioptra("drift", "--diff", in: "lab")
    #expect(outcome.status == 2)
    #expect(outcome.output.split(separator: "\n").filter { $0.hasPrefix("extra ") }.count == 5)
    #expect(!outcome.output.unicodeScalars.contains { $0 != "\n" && $0.value < 0x20 || $0 == "\u{202E}" })
    let report = try Shell.object(try await shell.dioptra("drift", "--json", in: "lab"))
    let remedies = try #require(report["findings"] as? [[String: Any]]).compactMap { $0["remedy"] as? String }
    // The remedies can be typed, and put it right.
    for remedy in remedies {
      let words = "PATH=$PATH:\(URL(filePath: Tool.dioptra).deletingLastPathComponent().path()); yes | \(remedy)"
      _ = try await Tool.run("bash", ["-c", words], in: scratch.file("lab"))
    }
    #expect(try await findings() == [])
  }

  @Test func namesThatOnlyLookTheSameAreTwoFiles() async throws {
    let names = ["config/caf\u{E9}", "config/cafe\u{301}"]
    for name in names { try scratch.write(name, to: "lab/\(name)") }
    #expect(try await findings().count == 2)
    #expect(try await shell.dioptra("drift", "--accept", "config", in: "lab").status == 2)
    let rest = try await findings()
    #expect(rest.count == 1 && rest[0].hasPrefix("extra "))
    #expect(try await shell.dioptra("drift", "--accept", "config", in: "lab").status == 1)
    #expect(try await shell.dioptra("drift", "--repair", in: "lab").status == 0)
    #expect(try await findings() == [])
    let left = try await Tool.run("sh", ["-c", "ls -d lab/config/caf* | wc -l"], in: scratch.path)
    #expect(left.output == "1\n")
  }

  @Test func afterAnInterruptedFirstInitEverythingIsLeftToTheNext() async throws {
    for place in [20, 170] {
      _ = try await FaultScene.dioptra(scratch, ["init", "half-\(place)", "--no-input"], fault: "exit:\(place)")
      let folder = ["-C", scratch.file("half-\(place)")]
      let outcome = try await FaultScene.dioptra(scratch, ["drift", "--json"] + folder)
      #expect(outcome.status == 2 && outcome.errors.split(separator: "\n").count == 1)
      let remedies = try #require(try Shell.object(outcome)["findings"] as? [[String: Any]])
      #expect(Set(remedies.compactMap { $0["remedy"] as? String }) == ["dioptra init -C \(folder[1])"])
      let repair = try await FaultScene.dioptra(scratch, ["drift", "--repair"] + folder)
      #expect(repair.status == 1 && repair.errors.contains("Run `dioptra init` to complete it"))
    }
  }

  @Test func aLinkInPlaceOfAFolderIsNotFollowed() async throws {
    try FileManager.default.moveItem(atPath: scratch.file("lab/config"), toPath: scratch.file("outside"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("lab/config"), withDestinationPath: scratch.file("outside"))
    try scratch.write("mine", to: "outside/mine")
    let before = try scratch.files(below: "outside")
    #expect(try await findings() == ["type config"])
    #expect(try await findings(proxy) == ["type config"])
    #expect(try await shell.dioptra("drift", "--accept", "config", in: "lab").status == 1)
    #expect(try await shell.dioptra("drift", "--repair", in: "lab").status == 0)
    #expect(try scratch.files(below: "outside") == before)
    #expect(try scratch.read("lab/.dioptra/kept/2/config.link") == scratch.file("outside"))
  }

  @Test func withoutARecordThereIsNothingToCompareWith() async throws {
    try scratch.write("deployment_name: Clone\n", to: "clone/dioptra.yaml")
    for arguments in [[], ["--repair"], ["--accept", "dioptra.yaml"]] {
      let outcome = try await Tool.run(Tool.dioptra, ["drift"] + arguments, in: scratch.file("clone"))
      #expect(outcome.status == 1 && outcome.errors.contains("has not been initialised yet. Run `dioptra init`"))
    }
    #expect(try scratch.files(below: "clone").count == 1)
  }
}
