import DioptraKitCore
import TestSupport
import Testing

/// What nginx accepts, and what the chosen values change.
@Suite(.needs("nginx"), .needs("python3"), .needs("curl"), .needs("openssl"))
struct NginxConfigurationTests {
  static let mebibyte = 1 << 20

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

  static let limits: [(port: NginxPort, mebibytes: Int)] = [(.front, 128), (.mlflow, 100), (.dbadmin, 128)]

  @Test(arguments: NginxMode.allCases, limits)
  func bodiesUpToTheLimitPass(mode: NginxMode, limit: (port: NginxPort, mebibytes: Int)) async throws {
    let rig = try await NginxRig.shared(mode)
    let size = limit.mebibytes * Self.mebibyte
    #expect(try await rig.send(size, to: limit.port).echo().length == size)
    #expect(try await rig.send(size + 1, to: limit.port).status == 413)
  }

  @Test(arguments: NginxMode.allCases)
  func objectsMayBeLarge(mode: NginxMode) async throws {
    let rig = try await NginxRig.shared(mode)
    let echo = try await rig.send(200 * Self.mebibyte, to: .minio, "/bucket/object").echo()
    #expect(echo.length == 200 * Self.mebibyte)
    #expect(echo.method == "PUT")
  }

  @Test(arguments: NginxMode.allCases, [NginxPort.minio, .console])
  func objectsHaveALimitToo(mode: NginxMode, port: NginxPort) async throws {
    #expect(try await NginxRig.shared(mode).send(4000 * Self.mebibyte + 1, to: port, "/bucket/object").status == 413)
  }

  @Test func aBrowserMayPauseADownload() async throws {
    let rig = try await NginxRig.shared(.http)
    let script = "curl -s --noproxy '*' http://\(rig.address):30080/api/v1/large | (sleep 3; wc -c)"
    let count = try await Tool.run("sh", ["-c", script])
    #expect(Int(count.output.filter(\.isNumber)) == 32 * Self.mebibyte)
  }

  @Test(arguments: NginxMode.allCases)
  func limitsCanBeChosen(mode: NginxMode) async throws {
    let rig = try await NginxRig(
      mode,
      [
        "nginx_client_max_body_size": "2m", "nginx_proxy_read_timeout": "1s", "nginx_send_timeout": "1s",
        "nginx_db_proxy_timeout": "1s",
      ])
    #expect(try await rig.send(2 * Self.mebibyte, to: .front).status == 200)
    #expect(try await rig.send(2 * Self.mebibyte + 1, to: .front).status == 413)
    #expect(try await rig.send(3 * Self.mebibyte, to: .mlflow).status == 200)
    #expect(try await rig.ask(.front, "/api/v1/pause").status == 504)
    #expect(try await rig.talk([], to: 5432).bytes == [14])
  }
}
