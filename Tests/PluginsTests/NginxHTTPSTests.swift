import TestSupport
import Testing

/// A real nginx with certificate and key: what it redirects, and which TLS it speaks.
@Suite(.needs("nginx"), .needs("python3"), .needs("curl"), .needs("openssl"))
struct NginxHTTPSTests {
  static let path = "/a%2Fb%20c/?x=1%262"

  @Test(arguments: ["dioptra.example.org", "elsewhere.example.org", "192.0.2.7", "[2001:db8::7]"], ["", ":8080"])
  func thePlainPortLeadsToTheSameHost(host: String, port: String) async throws {
    let reply = try await NginxRig.shared(.https).ask("http://\(host)\(port)\(Self.path)", at: 30080)
    #expect(reply.status == 301)
    #expect(reply.redirect == "https://\(host)\(Self.path)")
  }

  @Test(arguments: ["dioptra.example.org", "[2001:db8::7]"])
  func thePlainPortLeadsToThePublishedPort(host: String) async throws {
    let rig = try await NginxRig(.https, ["nginx_server_name": "_", "restapi_https_port": "8443"])
    let reply = try await rig.ask("http://\(host)\(Self.path)", at: 30080)
    #expect(reply.status == 301)
    #expect(reply.redirect == "https://\(host):8443\(Self.path)")
    #expect(try await rig.ask(reply.redirect, at: 30443).body == "the front page")
  }

  @Test(arguments: NginxPort.allCases)
  func plainHTTPOnAPortWithTLSLeadsToHTTPS(port: NginxPort) async throws {
    let address = "dioptra.example.org:\(port == .front ? 8443 : port.rawValue)\(Self.path)"
    let reply = try await NginxRig.shared(.https).ask("http://\(address)", at: port.number(.https))
    #expect(reply.status == 301)
    #expect(reply.redirect == "https://\(address)")
  }

  @Test(arguments: NginxPort.allCases, ["tls1", "tls1_1"])
  func oldTLSIsRefused(port: NginxPort, version: String) async throws {
    let outcome = try await handshake(port, version)
    #expect(!outcome.succeeded)
    #expect(outcome.errors.contains("alert protocol version"), "\(outcome)")
  }

  @Test(arguments: NginxPort.allCases, [("tls1_2", "TLSv1.2"), ("tls1_3", "TLSv1.3")])
  func newTLSIsSpoken(port: NginxPort, version: (option: String, name: String)) async throws {
    let outcome = try await handshake(port, version.option)
    #expect(outcome.output.contains("New, \(version.name), Cipher is "), "\(outcome)")
  }

  @Test(arguments: NginxPort.allCases, ["AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES256-GCM-SHA384"])
  func ciphersOfYesterdayAreRefused(port: NginxPort, cipher: String) async throws {
    let outcome = try await handshake(port, "tls1_2", cipher: cipher)
    #expect(!outcome.succeeded)
    #expect(outcome.errors.contains("alert handshake failure"), "\(outcome)")
  }

  @Test(arguments: [
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
  ])
  func ciphersOfTodayAreAccepted(cipher: String) async throws {
    let outcome = try await handshake(.dbadmin, "tls1_2", cipher: cipher)
    #expect(outcome.output.contains("New, TLSv1.2, Cipher is \(cipher)"), "\(outcome)")
  }

  /// The client is ready for anything, so that a refusal is the server's.
  private func handshake(_ port: NginxPort, _ version: String, cipher: String = "ALL") async throws -> Tool.Outcome {
    let address = try await NginxRig.shared(.https).address
    return try await Tool.run(
      "openssl",
      [
        "s_client", "-connect", "\(address):\(port.number(.https))", "-\(version)",
        "-cipher", "\(cipher):@SECLEVEL=0",
      ],
      environment: ["OPENSSL_CONF": "/dev/null"])
  }
}
