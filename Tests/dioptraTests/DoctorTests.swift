import Foundation
import TestSupport
import Testing

/// What `doctor` finds on this host, without an engine.
struct DoctorTests {
  private let shell: Shell

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "restapi_http_port=59871")
  }

  private struct Report: Decodable {
    struct Check: Decodable {
      struct Finding: Decodable, Equatable {
        let level: String
        let state: String
        let remedy: String?
      }
      let title: String
      let findings: [Finding]
    }
    let level: String
    let checks: [Check]

    subscript(_ title: String) -> [Check.Finding] { checks.first { $0.title == title }?.findings ?? [] }
  }

  private func report(_ status: Int32 = 1) async throws -> Report {
    let outcome = try await shell.dioptra("doctor", "--json", in: "lab")
    #expect(outcome.status == status, "\(outcome.output)")
    return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  @Test func withoutDockerThatIsTheOnlyError() async throws {
    let report = try await report()
    #expect(report["engine"].map(\.state) == ["Docker is not installed"])
    #expect(report["state"].map(\.level) == ["ok"] && report["permissions"].map(\.level) == ["ok"])
    #expect(report["release"].map(\.state) == ["1.1.0; this version of dioptra also knows 1.2.2"])
    #expect(report.level == "error")
    let text = try await shell.dioptra("doctor", in: "lab").output
    #expect(text.contains("✗ engine") && text.contains("→ Install Docker: https://docs.docker.com/engine/install/"))
  }

  @Test func secretsThatOthersCanReadAreNamedWithTheCommandThatClosesThem() async throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: shell.scratch.file("lab/.env"))
    let finding = try #require(try await report()["permissions"].first)
    #expect(finding.level == "error" && finding.remedy == "Make them private: `chmod 600 .env`")
  }

  @Test(.needs("python3"))
  func aPortThatIsTakenIsNamedWithItsVariable() async throws {
    let listen = """
      import socket, subprocess, sys
      server = socket.create_server(("127.0.0.1", 59871))
      sys.exit(subprocess.call(sys.argv[1:]))
      """
    let outcome = try await Tool.run(
      "python3", ["-c", listen, Tool.dioptra, "doctor", "-C", shell.scratch.file("lab"), "--json"])
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    let finding = try #require(report["ports"].first { $0.level == "error" })
    #expect(finding.state.hasPrefix("port 59871 "))
    #expect(finding.remedy?.hasSuffix("`dioptra config set restapi_http_port=…`") == true)
  }

  @Test(.needs("sqlite3"))
  func aDamagedStateIsFound() async throws {
    let path = shell.scratch.file("lab/.dioptra/state.db")
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes.replaceSubrange((bytes.count - 3000)..<bytes.count, with: Data(repeating: 0x5A, count: 3000))
    try bytes.write(to: URL(filePath: path))
    let outcome = try await shell.dioptra("doctor", in: "lab")
    #expect(outcome.status == 1)
    #expect((outcome.output + outcome.errors).contains("damaged"))
  }
}
