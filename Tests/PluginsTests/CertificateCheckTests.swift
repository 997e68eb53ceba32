import DioptraKitCore
import Foundation
import TestSupport
import Testing

@testable import TLSPlugin

/// Pairs of certificate and key, made by OpenSSL, good ones and others.
@Suite(.needs("openssl"))
struct CertificateCheckTests {
  private let folder: RenderedFolder

  init() async throws {
    folder = try RenderedFolder(["enable_nginx_ssl": "true", "nginx_server_name": "lab.example.org"])
  }

  private func findings(now: Timestamp = .now) throws -> [CheckFinding] {
    let scene = CheckContext(folder: try ConfinedFolder(path: folder.path), deployment: folder.deployment, now: now)
    return try CertificateCheck().findings(in: scene)
  }

  private func issue(_ arguments: String..., names: String = "DNS:lab.example.org", days: Int = 90) async throws {
    let words =
      ["req", "-x509", "-nodes", "-subj", "/CN=lab", "-days", "\(days)", "-addext", "subjectAltName=\(names)"]
      + (arguments.isEmpty ? ["-newkey", "rsa:2048"] : arguments)
      + ["-keyout", folder.scratch.file("ssl/nginx/server.key"), "-out", folder.scratch.file("ssl/nginx/server.crt")]
    let made = try await Tool.run("openssl", words)
    try #require(made.succeeded, "\(made.errors)")
  }

  @Test func aMatchingPairIsOK() async throws {
    try await issue()
    #expect(try findings().map(\.level) == [.ok])
    try await issue("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", names: "DNS:*.example.org")
    #expect(try findings().map(\.level) == [.ok])
  }

  @Test func whatIsMissingOrNoCertificateIsNamed() async throws {
    #expect(
      try findings() == [
        .error(
          "NGINX needs ssl/nginx/server.crt, which is missing",
          remedy:
            "Put it there, or do without: \(dioptra: "config", "set", "enable_nginx_ssl=false"), then \(dioptra: "init")"
        )
      ])
    try await issue()
    try folder.scratch.write("nonsense", to: "ssl/nginx/server.key")
    #expect(try findings()[0].state.hasPrefix("ssl/nginx/server.key cannot be used: it is not the PEM form of"))
  }

  @Test func aKeyOfAnotherCertificateIsRefused() async throws {
    try await issue()
    let key = try folder.scratch.read("ssl/nginx/server.key")
    try await issue()
    try folder.scratch.write(key, to: "ssl/nginx/server.key")
    #expect(try findings()[0].state == "ssl/nginx/server.key does not belong to ssl/nginx/server.crt")
    #expect(try findings()[0].level == .error)
  }

  @Test func theClockDecidesWhetherItIsValid() async throws {
    try await issue()
    let now = Timestamp.now.seconds
    #expect(try findings(now: Timestamp(seconds: now - 86_400 * 2))[0].state.contains("is not valid yet"))
    #expect(try findings(now: Timestamp(seconds: now + 86_400 * 91))[0].state.contains("expired on"))
    let soon = try findings(now: Timestamp(seconds: now + 86_400 * 80))[0]
    #expect(soon.level == .warning && soon.state.contains("expires on"))
  }

  @Test func anotherNameIsAWarning() async throws {
    try await issue(names: "DNS:other.example.org,IP:10.0.0.1")
    #expect(try findings()[0].level == .warning)
    #expect(try findings()[0].state == "ssl/nginx/server.crt is not valid for lab.example.org")
  }

  @Test func withoutTLSNoPairIsLookedFor() throws {
    let plain = try RenderedFolder()
    let scene = CheckContext(folder: try ConfinedFolder(path: plain.path), deployment: plain.deployment, now: .now)
    #expect(try CertificateCheck().findings(in: scene) == [])
  }
}
