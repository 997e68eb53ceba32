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
  private func explained(_ word: String, in folder: String = "lab") async throws -> String {
    let outcome = try await shell.dioptra("explain", word, in: folder)
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

  @Test func whatIsNotThereIsRefusedWithTheNearestName() async throws {
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
