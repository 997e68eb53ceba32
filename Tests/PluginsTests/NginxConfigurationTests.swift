import DioptraKitCore
import TestSupport
import Testing

/// What nginx itself says about the rendered configuration.
@Suite(.needs("nginx"), .needs("openssl"))
struct NginxConfigurationTests {
  @Test(
    arguments: NginxMode.allCases,
    [
      [:], ["deployment_name": "Other lab"], ["nginx_server_name": "_"], ["nginx_server_name": "192.0.2.7"],
      ["nginx_server_name": "[2001:db8::7]"],
      ["nginx_server_name": "a-host-of-a-long-name-in-a-far-away-place.compute.region-of-the-cloud.example.org"],
      [
        "nginx_client_max_body_size": "1g", "nginx_proxy_read_timeout": "10m", "nginx_send_timeout": "500ms",
        "nginx_db_proxy_timeout": "1d", "restapi_http_port": "8080", "restapi_https_port": "8443",
      ],
    ])
  func nginxAcceptsTheConfiguration(mode: NginxMode, values: [String: String]) async throws {
    let outcome = try await NginxFolder(mode, values).check()
    #expect(outcome.succeeded, "\(outcome.errors)")
    #expect(!outcome.errors.contains("[warn]"), "\(outcome.errors)")
  }

  @Test(arguments: NginxMode.allCases)
  func nothingOfPgAdminRemainsWithoutIt(mode: NginxMode) async throws {
    let folder = try await NginxFolder(mode, disabled: ["dbadmin"])
    let files = try folder.files
    #expect(files.keys.contains("\(mode)_minio.conf"))
    #expect(!files.contains { ($0.key + $0.value).contains(#/dbadmin|pgAdmin|35050/#) })
    let outcome = try await folder.check()
    #expect(outcome.succeeded, "\(outcome.errors)")
  }

  @Test func bothModesHaveTheSameServers() async throws {
    let plain = try await servers(.http)
    let secure = try await servers(.https)
    #expect(plain.count == 5)
    #expect(secure.filter { !$0.contains("  return 301 https://$host$request_uri;") } == plain)
    #expect(secure.count == plain.count + 1)
  }

  /// The servers' directives, without what makes the difference between the modes.
  private func servers(_ mode: NginxMode) async throws -> [[String]] {
    try await NginxFolder(mode).files.filter { $0.key.hasPrefix(mode.rawValue) }.sorted { $0.key < $1.key }
      .flatMap { $0.value.split(separator: "server {").dropFirst() }
      .map { server in
        server.replacing(" ssl", with: "").replacing("30443", with: "30080").split(separator: "\n").map(String.init)
          .filter { !$0.contains(#/^ *(#|error_page 497)/#) }
      }
  }
}
