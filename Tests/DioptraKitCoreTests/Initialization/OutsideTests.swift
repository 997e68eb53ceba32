import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraPlatform
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// Proxies and mirrors while a deployment is initialised.
struct OutsideTests {
  /// What the user may choose about the world outside.
  private struct Outside: Component {
    let id: ComponentID = "outside"
    let summary = "The world outside"
    let variables = [
      Variable("http_proxy", .proxy, default: .value(""), help: "Proxy."),
      Variable("registry_mirrors", .registryMirrors, default: .value(""), help: "Mirrors."),
    ]
  }

  private func deployment(_ text: String, in scene: FakeDeployment) throws -> Deployment {
    try Deployment(
      registry: ComponentRegistry(
        [
          BoxComponent(others: [
            .service(Service("web", "Fetched from elsewhere.", image: "r.example/web:1")),
            .service(Service("page", "The same.", image: "r.example/web:1")),
          ]), Outside(),
        ], templateVersion: 1),
      file: ConfigurationFile(text: text), identity: Identity(deployment: FakeDeployment.id, folder: scene.folder.path))
  }

  @Test func aProxysPasswordIsHiddenInOutputInEveryForm() throws {
    let scene = try FakeDeployment([])
    let deployment = try deployment("http_proxy: http://me:${PROXY_PASSWORD}@proxy:3128\n", in: scene)
    try scene.scratch.write("KEY=one\nPROXY_PASSWORD=s3cret%40x\nOTHER=harmless\n", to: ".env")
    let output = StepOutput(hiding: try scene.state.secretsInOutput(of: deployment, in: scene.folder))
    #expect(
      output.add("CONNECT http://me:s3cret%40x@proxy:3128") == "CONNECT http://me:‹PROXY_PASSWORD, encoded›@proxy:3128")
    #expect(output.add("password s3cret@x is wrong, harmless") == "password ‹PROXY_PASSWORD› is wrong, harmless")
    let plain = try self.deployment("", in: scene)
    #expect(
      try scene.state.secretsInOutput(of: plain, in: scene.folder).values == scene.state.secretValues().values)
  }

  @Test func aMirroredImageIsFetchedOnceByItsNameInTheMirror() throws {
    let scene = try FakeDeployment([])
    let deployment = try deployment("registry_mirrors:\n  r.example: m.example/r\n", in: scene)
    #expect(try deployment.images() == ["server:2", "m.example/r/web:1", "tool:1"])
    let fetched = deployment.blueprint.steps.compactMap { step in
      if case .fetch(let image) = step.action { image.characters } else { nil }
    }
    #expect(fetched.filter { $0.hasSuffix("web:1") } == ["m.example/r/web:1"])
  }

  @Test(arguments: [
    ("", ["Fetch it from a mirror with `dioptra config set registry_mirrors=r.example=MIRROR`"]),
    (
      "registry_mirrors: r.example=m.example\n",
      ["Correct its mirror with `dioptra config set registry_mirrors=…`"]
    ),
    (
      "http_proxy: http://proxy\nregistry_mirrors: r.example=m.example\n",
      [
        "Correct its mirror with `dioptra config set registry_mirrors=…`",
        "Give the container engine itself a proxy, because the one in dioptra.yaml is for containers",
      ]
    ),
  ])
  func anImageThatDoesNotComeHasOtherWays(text: String, remedies: [String]) throws {
    let scene = try FakeDeployment([])
    let deployment = try deployment(text, in: scene)
    let image = text.contains("mirrors") ? "m.example/web:1" : "r.example/web:1"
    let failure = FetchProblem.failed(.interrupted("reset")).explained(image, deployment, scene.engine)
    let found = failure.remedies.map(\.text).filter { $0.contains("mirror with") || $0.contains("proxy") }
    #expect(found == remedies)
    #expect(deployment.choosers(of: image).contains(RegistryMirrors.variable) == text.contains("mirrors"))
  }
}
