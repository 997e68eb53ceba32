import Foundation
import TestSupport
import Testing

/// Proxies as commands show and refuse them.
struct ProxyCommandTests {
  private let shell: Shell

  init() throws {
    shell = try Shell()
  }

  private struct Finding: Decodable, Equatable {
    let level: String
    let state: String
    let remedy: String?
  }

  /// What `doctor` says of proxies; nil if it says nothing.
  private func proxies() async throws -> [Finding]? {
    struct Report: Decodable {
      struct Check: Decodable {
        let title: String
        let findings: [Finding]
      }
      let checks: [Check]
    }
    let outcome = try await shell.dioptra("doctor", "--json", in: "lab")
    #expect(!outcome.output.contains("geheim"))
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    return report.checks.first { $0.title == "proxies" }?.findings
  }

  private func client(_ proxies: [String: String]) throws {
    let json = try JSONSerialization.data(withJSONObject: ["proxies": ["default": proxies]])
    try shell.scratch.write(String(decoding: json, as: UTF8.self), to: ".docker/config.json")
  }

  private var source: String { "Docker's client (\(shell.scratch.path)/.docker/config.json)" }

  @Test func doctorSaysNothingWhereThereIsNoProxy() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input")
    #expect(try await proxies() == nil)
  }

  @Test func doctorShowsTheProxyOfTheClientAndWhatItExcepts() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "no_proxy=own.example")
    try client([
      "httpProxy": "http://me:geheim@proxy.example:3128", "httpsProxy": "http://me:geheim@proxy.example:3128",
      "noProxy": "localhost,own.example,.lab.example",
    ])
    let found = try #require(try await proxies())
    let client = "get the proxy http://‹hidden›@proxy.example:3128 from \(source), except for localhost, "
    #expect(found.map(\.level) == ["ok", "ok", "ok", "warning"])
    #expect(found[0].state.hasPrefix("restapi, tfcpu-01, pytorchcpu-01 \(client)127.0.0.1, ::1, "))
    #expect(found[0].state.hasSuffix(", own.example"))
    #expect(found[1].state == "frontend-source, frontend-build \(client)own.example, .lab.example")
    #expect(found[2].state == "all other services get none, and no health check uses one")
    #expect(found[3].state == "\(source) reaches .lab.example without a proxy, and services use one")
    #expect(
      found[3].remedy == "Run `dioptra config set no_proxy=own.example,.lab.example`, then `dioptra init`")
  }

  @Test func doctorShowsTheProxyOfTheFileAndThatTheClientHasAnother() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "http_proxy=http://me:${P}@a.example:1")
    try client(["httpProxy": "http://me:geheim@b.example:2"])
    let found = try #require(try await proxies())
    #expect(
      found[0].state.hasPrefix(
        "restapi, tfcpu-01, pytorchcpu-01, frontend-source, frontend-build get the proxy "
          + "http://me:${P}@a.example:1 from dioptra.yaml, except for localhost, "))
    #expect(found.map(\.level) == ["ok", "ok", "warning"])
    #expect(
      found[2].state
        == "\(source) has another proxy, http://‹hidden›@b.example:2 for HTTP, which no service gets")
  }

  @Test func doctorSaysThatNoContainerReachesAProxyOnLocalhost() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "http_proxy=http://me:${P}@localhost:3128")
    let warning =
      "no container reaches the proxy http://me:${P}@localhost:3128, because it is the container itself there"
    #expect(try await proxies()?.filter { $0.level == "warning" }.map(\.state) == [warning])
    _ = try await shell.dioptra("config", "set", "http_proxy=http://localhost.example:3128", in: "lab")
    #expect(try await proxies()?.contains { $0.level == "warning" } == false)
  }

  @Test func aPasswordIsRefusedAndStaysOutOfEverything() async throws {
    let outcome = try await shell.dioptra(
      "init", "lab", "--no-input", "--set", "http_proxy=http://me:geheim@proxy.example:3128")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "http_proxy cannot hold a user and a password: dioptra.yaml is no place for secrets. Write "
          + "http://USER:${PROXY_PASSWORD}@proxy.example:3128, and PROXY_PASSWORD=… on a line of .env"))
    _ = try await shell.dioptra("init", "lab", "--no-input", "--render-only")
    for value in ["http_proxy=http://me:geheim@proxy", "http_proxy=me:geheim@proxy"] {
      let edit = try await shell.dioptra("config", "set", value, in: "lab")
      #expect(edit.status == 1 && !(edit.output + edit.errors).contains("geheim"))
    }
    #expect(try await !shell.dioptra("history", "--json", in: "lab").output.contains("geheim"))
    let found = try await Tool.run("grep", ["-rla", "geheim", shell.scratch.file("lab")])
    #expect(found.output.isEmpty)
  }

  @Test func theLineWithThePasswordIsKept() async throws {
    _ = try await shell.dioptra("init", "lab", "--no-input", "--render-only")
    let settings = try shell.scratch.read("lab/.env")
    try shell.scratch.write(settings + "PROXY_PASSWORD=geheim\n", to: "lab/.env")
    let edit = try await shell.dioptra("config", "set", "http_proxy=http://me:${PROXY_PASSWORD}@proxy:3128", in: "lab")
    #expect(edit.status == 0, "\(edit.errors)")
    let outcome = try await shell.dioptra("init", "lab", "--no-input", "--render-only")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try shell.scratch.read("lab/.env") == settings + "PROXY_PASSWORD=geheim\n")
    #expect(
      try shell.scratch.read("lab/docker-compose.yml").contains("HTTP_PROXY: http://me:${PROXY_PASSWORD}@proxy:3128\n"))
    for command in [["drift", "--diff"], ["explain", "http_proxy"], ["config", "list"], ["history", "show"]] {
      let shown = try await Tool.run(
        Tool.dioptra, command, environment: ["HOME": shell.scratch.path], in: shell.scratch.file("lab"))
      #expect(!(shown.output + shown.errors).contains("geheim"), "\(command)")
    }
  }

  @Test func aLineOfAMirroredImageIsExplainedByBothVariables() async throws {
    _ = try await shell.dioptra(
      "init", "lab", "--no-input", "--set", "registry_mirrors=docker.io=mirror.example/hub quay.io=mirror.example/quay")
    let lines = try shell.scratch.read("lab/docker-compose.yml").split(
      separator: "\n", omittingEmptySubsequences: false)
    let number = try #require(lines.firstIndex { $0.hasSuffix("image: mirror.example/hub/library/redis:7.2.6") }) + 1
    let explained = try await shell.dioptra("explain", "docker-compose.yml:\(number)", in: "lab").output
    #expect(
      explained.contains("registry_mirrors = docker.io=mirror.example/hub quay.io=mirror.example/quay (dioptra.yaml)"))
    #expect(explained.contains("redis_image = redis:7.2.6 (default)"))
  }
}
