import Foundation
import TestSupport
import Testing

/// Where things come from, as people read it.
struct ExplainTests {
  private let shell: Shell

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "container_tag=1.2.2")
  }

  /// Times are of today; everything else is the same each time.
  private func explained(_ word: String, in folder: String = "lab", of generation: Int? = nil) async throws -> String {
    let outcome =
      if let generation {
        try await shell.dioptra("explain", word, "--generation", "\(generation)", in: folder)
      } else {
        try await shell.dioptra("explain", word, in: folder)
      }
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, with: "‹time›")
  }

  @Test(arguments: [
    ("config/nginx/http_restapi.conf", "file"), ("docker-compose.yml:11", "line"), ("container_tag", "variable"),
    ("nginx", "service"), ("minio_root_password", "secret"), ("MINIO_ROOT_PASSWORD", "setting"), (".env", "settings"),
    ("scripts/init-named-volumes.sh", "script"),
  ])
  func eachKindOfThingIsExplained(word: String, name: String) async throws {
    try Golden().expect(try await explained(word), in: "explain/\(name).txt")
  }

  @Test func aVariableIsFoundByTheReferencesNameAndAServiceByItsFullName() async throws {
    #expect(try await explained("__restapi_http_port").hasPrefix("restapi_http_port: variable of "))
    #expect(try await explained("dioptra-deployment-nginx").hasPrefix("nginx: service of nginx"))
  }

  @Test func aPathIsTakenFromTheCurrentFolder() async throws {
    #expect(try await explained("nginx/http_proxy.conf", in: "lab/config").hasPrefix("config/nginx/http_proxy.conf: "))
  }

  @Test func anEditAndADeletionAreSeen() async throws {
    try shell.scratch.write("mine\n", to: "lab/README.md")
    #expect(try await explained("README.md").contains("on disk       edited"))
    try FileManager.default.removeItem(atPath: shell.scratch.file("lab/README.md"))
    #expect(try await explained("README.md").contains("on disk       missing"))
  }

  // MARK: Lines and generations

  @Test func aLineIsTheOneThatAPersonSees() async throws {
    let path = "lab/config/nginx/http_restapi.conf"
    let file = try shell.scratch.read(path)
    let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
    let number = try #require(lines.firstIndex { $0.contains("server_name") }) + 1
    let before = try await explained("config/nginx/http_restapi.conf:\(number)")
    #expect(before.contains("the template servers.conf, line ") && before.contains("nginx_server_name = "))
    try shell.scratch.write("# mine\n\n\(file)# mine too\n", to: path)
    let after = try await explained("config/nginx/http_restapi.conf:\(number + 2)")
    #expect(after == before.replacing("conf:\(number):", with: "conf:\(number + 2):"))
    for mine in [1, lines.count + 2] {
      #expect(try await explained("config/nginx/http_restapi.conf:\(mine)").contains("made from  you: no component"))
    }
    let outcome = try await shell.dioptra("explain", "config/nginx/http_restapi.conf:\(lines.count + 3)", in: "lab")
    #expect(outcome.errors.contains("Give a line from 1 to \(lines.count + 2)"), "\(outcome.errors)")
  }

  @Test func aLineOfAPrivateFileThatIsYoursIsNotShown() async throws {
    let file = try shell.scratch.read("lab/.env")
    try shell.scratch.write("MINE=hunter2\n\(file)", to: "lab/.env")
    #expect(try await !explained(".env:1").contains("hunter2"))
    #expect(try await explained(".env:4").contains("also from  workers"))
    #expect(try await shell.dioptra("drift", "--accept", ".env", in: "lab").status == 0)
    #expect(try await !explained(".env:1", of: 2).contains("hunter2"))
  }

  @Test func anOlderGenerationIsExplainedFromWhatItWasMadeOf() async throws {
    let image =
      try #require(
        try shell.scratch.read("lab/docker-compose.yml").split(separator: "\n", omittingEmptySubsequences: false)
          .firstIndex { $0.contains("/nginx:1.2.2") }) + 1
    let set = ["nginx_server_name=other.example", "nginx_image=lab.example/nginx:9"]
    #expect(
      try await shell.dioptra("init", "--render-only", "--quiet", "--set", set[0], "--set", set[1], in: "lab").status
        == 0)
    let now = try await explained("docker-compose.yml:\(image)")
    #expect(now.contains("nginx_image = lab.example/nginx:9 (dioptra.yaml)"))
    let then = try await explained("docker-compose.yml:\(image)", of: 1)
    #expect(
      then.contains("generation  1, planned ‹time›\n") && then.contains("image: ghcr.io/usnistgov/dioptra/nginx:1.2.2"))
    #expect(then.contains("nginx_image = ghcr.io/usnistgov/dioptra/nginx:1.2.2 (by default"))
    let file = try await explained("config/nginx/http_restapi.conf", of: 1)
    #expect(file.contains("nginx_server_name = dioptra.example.org (default)") && !file.contains("on disk"))
    // Nothing of it is computed: the origins are remembered.
    func words(_ text: String) -> [Substring] { text.split { $0 == " " || $0 == "\n" } }
    let newest = try await explained("docker-compose.yml:\(image)", of: 2)
    #expect(words(newest.replacing(#/  generation .*\n/#, with: "")) == words(now))
  }

  @Test func whatAGenerationDoesNotHaveIsRefused() async throws {
    for (word, problem) in [
      ("container_tag", "generation 1 has no file 'container_tag'"),
      ("docker-compose.yaml", "Perhaps docker-compose.yml is meant"), ("README.md:9999", "has no line 9999"),
    ] {
      let outcome = try await shell.dioptra("explain", word, "--generation", "1", in: "lab")
      #expect(outcome.status == 1 && outcome.errors.contains(problem), "\(outcome.errors)")
    }
    let outcome = try await shell.dioptra("explain", "README.md", "--generation", "7", in: "lab")
    #expect(outcome.errors.contains("there is no generation 7. Give a number from 1 to 1"), "\(outcome.errors)")
  }

  @Test func aFileOfYoursThatWasAcceptedIsYours() async throws {
    try shell.scratch.write("mine\n", to: "lab/config/nginx/mine.conf")
    #expect(try await shell.dioptra("drift", "--accept", "config/nginx/mine.conf", in: "lab").status == 0)
    #expect(try await explained("config/nginx/mine.conf").contains("you: no component has the file"))
    #expect(try await explained("config/nginx/mine.conf:1").contains("line       mine\n"))
  }

  /// What the State of an older program does not tell is computed where the components say the same today, and else
  /// the explanation says that it is missing.
  @Test(arguments: DeploymentFixture.names)
  func aStateWithoutOriginsTellsWhatCanBeTold(fixture: String) async throws {
    try await DeploymentFixture.write(fixture, to: shell.scratch, folder: "old")
    let path = "config/nginx/http_restapi.conf"
    #expect(try await explained(path, in: "old").contains("nginx_server_name = "))
    #expect(try await explained("\(path):3", in: "old", of: 1).contains("the template servers.conf, line "))
    // The unit names the folder, which is another one.
    let unit = try await explained("systemd/dioptra.service", in: "old")
    #expect(unit.contains("not recorded: an older dioptra rendered the file"), "\(unit)")
    let line = try await explained("systemd/dioptra.service:2", in: "old", of: 1)
    #expect(line.contains("  line ") && line.contains("not recorded: ") && !line.contains("made from"), "\(line)")
  }

  @Test func anUnknownNameIsRefusedWithTheNearestKnownName() async throws {
    let outcome = try await shell.dioptra("explain", "container_tga", in: "lab")
    #expect(outcome.status == 1 && outcome.errors.contains("Perhaps container_tag is meant"))
    #expect(try await shell.dioptra("explain", "README.md:9999", in: "lab").errors.contains("has no line 9999"))
  }

  @Test func noSecretIsShown() async throws {
    let secret = try await shell.dioptra("secret", "show", "minio_root_password", in: "lab").output.dropLast()
    for word in [
      ".env", "minio_root_password", "MINIO_ROOT_PASSWORD", "secrets/dioptra-deployment-minio-accounts.env:2",
    ] {
      #expect(!(try await explained(word)).contains(secret))
    }
  }
}
