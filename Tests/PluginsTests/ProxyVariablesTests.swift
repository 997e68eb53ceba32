import DioptraKitCore
import Foundation
import TestSupport
import Testing
import Yams

@testable import DeploymentPlugin

/// The proxies that containers get from `dioptra.yaml`.
struct ProxyVariablesTests {
  private static let password = "s3cret%40x"
  private static let values = [
    "http_proxy": "http://me:${PROXY_PASSWORD}@proxy.example:3128", "no_proxy": ".example.org",
  ]
  private static let address = "http://me:\(password)@proxy.example:3128"

  private func folder(_ values: [String: String] = values) throws -> RenderedFolder {
    let folder = try RenderedFolder(values)
    let settings = try folder.scratch.read(".env")
    try folder.scratch.write(settings + "PROXY_PASSWORD=\(Self.password)\n", to: ".env")
    return folder
  }

  private func environments(
    _ file: String, in folder: RenderedFolder
  ) async throws -> [String: [String: String]] {
    try await ComposeEnvironment.environments(in: folder.path, files: [file])
  }

  private static let variables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]

  @Test(.needsCompose, arguments: ["docker-compose.yml", "docker-compose.init.yml"])
  func composeGivesThemToWhatReachesOutAndToNothingElse(file: String) async throws {
    let folder = try folder()
    var outside: [String] = []
    for (service, environment) in try await environments(file, in: folder) {
      for name in Self.variables { #expect(environment[name] == environment[name.lowercased()], "\(service) \(name)") }
      guard environment["HTTP_PROXY"]?.isEmpty == false else {
        // Without a network, there is nothing to reach.
        let isAlone = environment["HTTP_PROXY"] == nil
        #expect(isAlone == (service == "named-volumes" || service.hasSuffix("-ssl")), "\(service)")
        #expect(environment["HTTPS_PROXY"] == environment["HTTP_PROXY"])
        #expect(environment["NO_PROXY"] == nil)
        continue
      }
      outside.append(service.replacing("dioptra-deployment-", with: ""))
      #expect(environment["HTTP_PROXY"] == Self.address && environment["HTTPS_PROXY"] == Self.address)
      #expect(environment["ALL_PROXY"] == "")
      let exceptions = Set((environment["NO_PROXY"] ?? "").split(separator: ",").map(String.init))
      #expect(exceptions.isSuperset(of: ["localhost", "127.0.0.1", "::1", ".example.org"]), "\(service)")
      for host in ["minio", "db", "dbadmin", "redis", "mlflow-tracking", "restapi", "nginx"] {
        #expect(exceptions.isSuperset(of: [host, "dioptra-deployment-\(host)"]), "\(service): \(host)")
      }
      if file == "docker-compose.yml" { #expect(exceptions.contains(service)) }
    }
    #expect(
      outside.sorted()
        == (file == "docker-compose.yml"
          ? ["pytorchcpu-01", "restapi", "tfcpu-01"] : ["frontend-build", "frontend-source", "restapi"]))
  }

  @Test func theFilesSayNoPasswordAndKnowTheirOrigin() throws {
    let deployment = try RenderedFolder.deployment(Self.values)
    let text = try #require(deployment.tree["docker-compose.yml"])
    let lines = text.masked.split(separator: "\n").filter {
      $0.contains("HTTP_PROXY: h") || $0.contains("https_proxy: h")
    }
    #expect(
      Set(lines.map { $0.drop { $0 == " " } }.map(String.init)) == [
        "HTTP_PROXY: http://me:${PROXY_PASSWORD}@proxy.example:3128",
        "https_proxy: http://me:${PROXY_PASSWORD}@proxy.example:3128",
      ])
    #expect(
      text.text.segments.contains { $0.content == .variable("https_proxy", value: Self.values["http_proxy"] ?? "") })
  }

  @Test func eitherCanBeChosenAlone() throws {
    for (values, http, https) in [
      (["http_proxy": "http://a:1", "https_proxy": "http://b:2"], "http://a:1", "http://b:2"),
      (["http_proxy": "http://a:1", "https_proxy": ""], "http://a:1", ""),
      (["https_proxy": "http://b:2"], "", "http://b:2"),
    ] {
      let environment = try ComposeFile(values: values)["restapi"]["environment"]
      #expect(environment?["HTTP_PROXY"]?.string == http && environment?["https_proxy"]?.string == https, "\(values)")
    }
    #expect(try ComposeFile()["restapi"]["environment"]?["HTTP_PROXY"] == nil)
  }

  // MARK: The password

  private func findings(_ settings: String) throws -> [CheckFinding] {
    let folder = try RenderedFolder(Self.values)
    try folder.scratch.write(settings, to: ".env")
    let context = CheckContext(
      folder: try ConfinedFolder(path: folder.path), deployment: folder.deployment, now: .now)
    return try ProxyPasswordCheck().findings(in: context)
  }

  @Test func initWaitsForThePassword() throws {
    #expect(ProxyPasswordCheck().isGuard)
    #expect(try findings("PROXY_PASSWORD=x\n").isEmpty)
    for settings in ["A=1\n", "PROXY_PASSWORD=\n"] {
      let found = try findings(settings)
      #expect(found.map(\.state) == [".env does not set PROXY_PASSWORD, which http_proxy names"])
      #expect(found.map(\.level) == [.error])
    }
  }

  // MARK: Real programs

  /// A server on this host, and a proxy that does not answer.
  @Test(.needsCompose, .needs("curl"), .needs("python3"))
  func healthChecksAndServicesUseNone() async throws {
    let folder = try folder(["http_proxy": "http://127.0.0.1:9"])
    let environment = try #require(
      try await environments("docker-compose.yml", in: folder)["dioptra-deployment-restapi"])
    let proxies = environment.filter { $0.key.lowercased().hasSuffix("_proxy") }
    #expect(proxies.count == 8)
    let script = """
      import http.server, os, subprocess, sys, threading, urllib.request
      class Answer(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              self.send_response(200); self.end_headers(); self.wfile.write(b"direct")
          def log_message(self, *words): pass
      server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
      threading.Thread(target=server.serve_forever, daemon=True).start()
      port = server.server_address[1]
      hosts = ["dioptra-deployment-mlflow-tracking", "mlflow-tracking", "localhost", "127.0.0.1"]
      for host in hosts:
          url = f"http://{host}:{port}/"
          words = ["curl", "-sf", "--max-time", "10", "--resolve", f"{host}:{port}:127.0.0.1", url]
          print("curl", host, subprocess.run(words, capture_output=True, text=True).stdout)
          print("python", host, urllib.request.proxy_bypass(f"{host}:{port}"))
      print("python gets", urllib.request.urlopen(f"http://localhost:{port}/", timeout=10).read().decode())
      words = ["curl", "-sf", "--max-time", "10", "--resolve", f"outside.example:{port}:127.0.0.1", f"http://outside.example:{port}/"]
      print("outside", subprocess.run(words, capture_output=True).returncode)
      os._exit(0)
      """
    let outcome = try await Tool.run("python3", ["-u", "-c", script], environment: proxies)
    let hosts = ["dioptra-deployment-mlflow-tracking", "mlflow-tracking", "localhost", "127.0.0.1"]
    let lines = outcome.output.split(separator: "\n").map(String.init)
    // curl ends with 7 or 5: the proxy was asked, and is not there.
    #expect(
      lines.dropLast() == hosts.flatMap { ["curl \($0) direct", "python \($0) True"] } + ["python gets direct"],
      "\(outcome.output)\(outcome.errors)")
    #expect(["outside 7", "outside 5"].contains(lines.last ?? ""))
  }

  /// Each check that asks over HTTP, in a container that may have a proxy.
  @Test func everyHealthCheckAsksAHostThatNeedsNoProxy() throws {
    let file = try ComposeFile(values: ["http_proxy": "http://proxy:3128"].merging(ComposeFile.gpus) { $1 })
    var asked = 0
    for (name, service) in file.services {
      let environment = service["environment"]?.texts ?? [:]
      let urls = service["healthcheck"]?["test"]?.list.filter { $0.hasPrefix("http") } ?? []
      for url in urls {
        asked += 1
        let host = try #require(URL(string: url)?.host())
        let exceptions = environment["NO_PROXY"]?.split(separator: ",").map(String.init) ?? []
        #expect(environment["HTTP_PROXY"] == "" || exceptions.contains(host), "\(name): \(url)")
      }
    }
    #expect(asked >= 5)
  }
}
