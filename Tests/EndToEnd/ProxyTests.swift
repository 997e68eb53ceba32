import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A proxy in the settings of Docker's client. All other tests but those on the reference's files run with a dead one.
  @Suite struct Proxy {
    private let stage = Stage.shared
    /// Prints a page.
    private static let script =
      "import sys, urllib.request\nprint(urllib.request.urlopen(sys.argv[1], timeout=20).read(200).decode())"

    /// A proxy that containers of the deployment reach, and its URL.
    private func liveProxy(_ scratch: Scratch) async throws -> (Companion, String) {
      let gateway = try await stage.docker(
        "network", "inspect", "dioptra-deployment_dioptra", "--format", "{{(index .IPAM.Config 0).Gateway}}"
      ).trimmingCharacters(in: .whitespacesAndNewlines)
      let proxy = try await Companion(
        python: "http_proxy.py", portFile: scratch.file("port"),
        [gateway, scratch.file("port"), scratch.file("asked")])
      return (proxy, "http://\(gateway):\(try scratch.read("port"))")
    }

    @Test func servicesThatGoOutsideUseItAndNoneDoesInside() async throws {
      try await stage.up()
      let scratch = try Scratch()
      let (proxy, address) = try await liveProxy(scratch)
      defer { proxy.end() }
      let settings = ClientSettings.folder("live-proxy", proxy: address)

      /// What a service gets from a page, in a container of its own.
      func page(_ url: String, from service: String) async throws -> String {
        let outcome = try await Tool.run(
          "docker",
          [
            "compose", "run", "--rm", "--no-deps", "-T", "--entrypoint", "python", "dioptra-deployment-\(service)",
            "-c", Self.script, url,
          ], environment: Engine.environment.merging(["DOCKER_CONFIG": settings]) { $1 }, in: stage.folder)
        return outcome.output + outcome.errors
      }

      #expect(try await page("http://outside.invalid/", from: "restapi").contains("this is the proxy"))
      #expect(try await page("http://outside.invalid/", from: "tfcpu-01").contains("this is the proxy"))
      #expect(try await page("http://outside.invalid/", from: "mlflow-tracking").contains("Name or service not known"))
      // A container's own host name is its own address, so that each service asks another.
      let restAPI = "http://dioptra-deployment-restapi:5000/health"
      let mlflow = "http://dioptra-deployment-mlflow-tracking:5000/"
      for (service, url) in [("restapi", mlflow), ("tfcpu-01", restAPI), ("mlflow-tracking", restAPI)] {
        let answer = try await page(url, from: service)
        #expect(answer.contains(url == mlflow ? "<!doctype html" : "healthy"), "\(service): \(answer)")
      }
      #expect(try scratch.read("asked").split(separator: "\n").allSatisfy { $0.contains("outside.invalid") })
    }

    /// A folder of its own says what a container gets; it runs in the network of the shared deployment.
    @Test func theProxyOfTheFileCountsInsteadOfTheClients() async throws {
      try await stage.up()
      let scratch = try Scratch()
      let (proxy, address) = try await liveProxy(scratch)
      defer { proxy.end() }
      let made = try await Tool.run(
        Tool.dioptra, ["init", "lab", "--no-input", "--render-only", "--set", "http_proxy=\(address)"],
        environment: Engine.environment, in: scratch.path)
      try #require(made.succeeded, "\(made.errors)")
      let config = try await Tool.run(
        "docker", ["compose", "config", "--format", "json"], environment: Engine.environment, in: scratch.file("lab"))
      let project = try JSONDecoder().decode(Project.self, from: Data(config.output.utf8))
      let service = try #require(project.services["dioptra-deployment-restapi"])
      let variables = service.environment.filter { $0.key.lowercased().hasSuffix("_proxy") }.flatMap { name, value in
        ["--env", "\(name)=\(value ?? "")"]
      }

      func page(_ url: String) async throws -> String {
        let outcome = try await Tool.run(
          "docker",
          ["run", "--rm", "--network", "dioptra-deployment_dioptra"] + variables
            + ["--entrypoint", "python", service.image, "-c", Self.script, url],
          environment: Engine.environment, in: scratch.path)
        return outcome.output + outcome.errors
      }
      #expect(try await page("http://outside.invalid/").contains("this is the proxy"))
      #expect(try await page("http://dioptra-deployment-restapi:5000/health").contains("healthy"))
      #expect(try scratch.read("asked").split(separator: "\n").allSatisfy { $0.contains("outside.invalid") })
    }

    private struct Project: Decodable {
      struct Service: Decodable {
        let image: String
        let environment: [String: String?]
      }

      let services: [String: Service]
    }
  }
}
