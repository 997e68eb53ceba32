import Foundation
import TestSupport
import Testing

/// What users see at a glance.
struct StatusTests {
  private let shell: Shell

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "restapi_http_port=8080")
  }

  /// The words, with the scratch folder's name taken out.
  private func status() async throws -> String {
    try await shell.dioptra("status", in: "lab").output.replacing(shell.scratch.path, with: "‹folder›")
      .replacing(/just now|\d+ (second|minute)s? ago/, with: "‹time›")
  }

  @Test func aFreshFolderWithoutDocker() async throws {
    try Golden().expect(try await status(), in: "status/fresh.txt")
  }

  @Test func whatIsDueAndWhatIsTheUsers() async throws {
    try shell.scratch.write("mine\n", to: "lab/README.md")
    _ = try await shell.dioptra("config", "set", "nginx_proxy_read_timeout=400s", in: "lab")
    _ = try await shell.dioptra("component", "disable", "systemd", in: "lab")
    try Golden().expect(try await status(), in: "status/due.txt")
  }
}
