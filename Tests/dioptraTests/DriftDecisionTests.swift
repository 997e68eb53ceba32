import Foundation
import TestSupport
import Testing

/// Differences are accepted, or repaired.
extension DriftCommandTests {
  @Test func anAcceptedEditIsNoDriftAndLaterChangesAreMergedOverIt() async throws {
    try append(proxy, "# mine\n")
    chmod(scratch.file("lab/README.md"), 0o755)
    try FileManager.default.removeItem(atPath: scratch.file("lab/import_resources.py"))
    try scratch.write("mine", to: "lab/config/nginx/mine.conf")
    let first = try await shell.dioptra("drift", "--accept", proxy, in: "lab")
    #expect(first.status == 2 && first.output.contains("3 differences remain"))
    let all = ["drift", "--accept", "README.md", "import_resources.py", "config/nginx/mine.conf", "-C", "lab"]
    let outcome = try await Tool.run(Tool.dioptra, all, in: scratch.path)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(
      try await shell.dioptra(
        "init", "--set", "nginx_proxy_read_timeout=400s", "--set", "container_tag=1.2.2", in: "lab"
      )
      .status == 0)
    #expect(try await findings() == [])
    let text = try scratch.read("lab/\(proxy)")
    #expect(text.contains("proxy_read_timeout 400s;") && text.hasSuffix("# mine\n"))
    #expect(try scratch.files(below: "lab")["README.md"] == 0o755)
    #expect(try scratch.files(below: "lab")["import_resources.py"] == nil)
    #expect(try scratch.read("lab/config/nginx/mine.conf") == "mine")
    // What was accepted is what is expected.
    try append("config/nginx/mine.conf", "more")
    try scratch.write("back", to: "lab/import_resources.py")
    #expect(try await findings() == ["edited config/nginx/mine.conf", "edited import_resources.py"])
    #expect(try await shell.dioptra("drift", "--repair", in: "lab").status == 0)
    #expect(try scratch.read("lab/config/nginx/mine.conf") == "mine")
    #expect(try scratch.files(below: "lab")["import_resources.py"] == nil)
  }

  @Test func whatCannotBeRecordedIsRefusedWithARemedy() async throws {
    let expected = [
      "docker-compose.yml": "is not a file any more", "dioptra.yaml": "is your own file",
      ".env": "shows secrets and does not stay deleted",
    ]
    try FileManager.default.removeItem(atPath: scratch.file("lab/docker-compose.yml"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("lab/docker-compose.yml"), withDestinationPath: "README.md")
    try FileManager.default.removeItem(atPath: scratch.file("lab/.env"))
    _ = try await shell.dioptra("config", "set", "db_port=36000", in: "lab")
    let before = try snapshot()
    for (path, reason) in expected {
      let outcome = try await shell.dioptra("drift", "--accept", path, in: "lab")
      #expect(outcome.status == 1 && outcome.errors.contains("\(path) \(reason)"), "\(outcome.errors)")
    }
    #expect(try await shell.dioptra("drift", "--accept", in: "lab").status == 64)
    #expect(try await shell.dioptra("drift", "--accept", "--repair", "README.md", in: "lab").status == 64)
    #expect(
      try snapshot().filter { !$0.key.hasPrefix(".dioptra/") } == before.filter { !$0.key.hasPrefix(".dioptra/") })
  }

  @Test(.needs("sqlite3")) func aPrivateTextThatIsAcceptedIsKeptWhereSecretsAre() async throws {
    try append(".env", "MY_TOKEN=a-token-of-mine\n")
    try scratch.write("PASSWORD=a-word-of-mine\n", to: "lab/secrets/mine.env")
    #expect(try await shell.dioptra("drift", "--accept", ".env", "secrets", in: "lab").status == 0)
    #expect(try await shell.dioptra("init", "--set", "nginx_server_name=lab.example.org", in: "lab").status == 0)
    #expect(try await findings() == [])
    #expect(try scratch.read("lab/.env").contains("MY_TOKEN=a-token-of-mine\n"))
    let dump = try await Tool.run(
      "sqlite3", [scratch.file("lab/.dioptra/state.db"), ".dump content file change event run generation"])
    #expect(dump.output.contains("CREATE TABLE content") && !dump.output.contains("of-mine"))
  }

  // MARK: Putting back

  @Test func repairedFilesAreListedAndTheUsersVersionIsKept() async throws {
    try append(proxy, "# mine\n")
    try scratch.write("mine", to: "lab/scripts/mine.sh")
    let outcome = try await shell.dioptra("drift", "--repair", in: "lab")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("  restore  \(proxy)\n  remove   scripts/mine.sh\n"))
    #expect(outcome.output.contains("\n+# mine\n"))
    #expect(try scratch.read("lab/.dioptra/kept/2/\(proxy)").hasSuffix("# mine\n"))
    #expect(try scratch.read("lab/.dioptra/kept/2/scripts/mine.sh") == "mine")
    let kept = try scratch.files(below: "lab/.dioptra/kept")
    #expect(kept.values.allSatisfy { $0 == 0o600 })
    #expect(try await shell.dioptra("drift", "--repair", in: "lab").output.contains("nothing to restore"))
  }

  @Test func onlyTheGivenPathsAreRepaired() async throws {
    for name in [proxy, "README.md"] { try append(name, "# mine\n") }
    let outcome = try await shell.dioptra("drift", "--repair", "config", "--json", in: "lab")
    #expect(outcome.status == 2)
    let report = try Shell.object(outcome)
    #expect(report["clean"] as? Bool == false)
    #expect(report["repaired"] as? [[String: String]] == [["path": proxy, "action": "restore"]])
    #expect(try scratch.read("lab/README.md").hasSuffix("# mine\n"))
  }
}

extension DriftCommandTests {
  func findings(_ paths: String..., in folder: String = "lab") async throws -> [String] {
    let outcome = try await Tool.run(Tool.dioptra, ["drift", "--json"] + paths, in: scratch.file(folder))
    let report = try Shell.object(outcome)
    let findings = try #require(report["findings"] as? [[String: Any]], "\(outcome.errors)")
    #expect(outcome.status == (findings.isEmpty ? 0 : 2) && report["clean"] as? Bool == findings.isEmpty)
    for finding in findings {
      #expect((finding["component"] as? String)?.isEmpty == false && (finding["remedy"] as? String)?.isEmpty == false)
    }
    return findings.map { "\($0["kind"] ?? "") \($0["path"] ?? "")" }.sorted()
  }

  func append(_ name: String, _ text: String) throws {
    try replaceText(name) { $0 + text }
  }

  func replace(_ name: String, _ old: String, with new: String) throws {
    try replaceText(name) { $0.replacing(old, with: new) }
  }

  func replaceText(_ name: String, _ change: (String) -> String) throws {
    // In place: permissions and owner stay.
    let handle = try #require(FileHandle(forWritingAtPath: scratch.file("lab/\(name)")))
    let text = change(try scratch.read("lab/\(name)"))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  func snapshot() throws -> [String: Data] {
    let files = try scratch.files(below: "lab")
    return try Dictionary(
      uniqueKeysWithValues: files.keys.map { ($0, try Data(contentsOf: URL(filePath: scratch.file("lab/\($0)")))) })
  }
}
