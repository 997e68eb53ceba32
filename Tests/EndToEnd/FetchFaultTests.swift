import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What users read when an image does not come.
  @Suite struct FetchFaults {
    private static let thing = Registry.Image(layers: [200_000])

    /// What the program says when it cannot fetch `thing:1`, which is Redis's image.
    private func complaint(_ settings: Registry.Settings, of image: String = "thing:1") async throws -> String {
      let registry = try await Registry.start(settings)
      defer { registry.end() }
      let outcome = try await FetchStage(["redis_image": image], from: registry).fetch(image)
      #expect(outcome.status == 1, "\(outcome.output)")
      #expect(outcome.errors.contains("\(registry.address)/\(image)"), "\(outcome.errors)")
      return outcome.errors
    }

    @Test func anImageThatIsNotInTheRegistryIsNamedWithItsVariable() async throws {
      let text = try await complaint(Registry.Settings())
      #expect(text.contains("is not in its registry") && text.contains("redis_image"), "\(text)")
    }

    @Test(arguments: [Registry.Login.Kind.basic, .bearer])
    func aRegistryThatWantsALoginIsNamedWithTheCommand(kind: Registry.Login.Kind) async throws {
      let text = try await complaint(
        Registry.Settings(images: ["thing:1": Self.thing], login: Registry.Login(kind: kind)))
      #expect(text.contains("wants a login") && text.contains("docker login 127.0.0.1:"), "\(text)")
      #expect(text.contains("redis_image"), "\(text)")
    }

    @Test func aRefusalWithoutAWordOfLoginsIsOneToo() async throws {
      let refusal = Registry.Fault(path: "/manifests/", status: 401)
      let text = try await complaint(Registry.Settings(images: ["thing:1": Self.thing], faults: [refusal]))
      #expect(text.contains("wants a login") && text.contains("redis_image"), "\(text)")
    }

    @Test(arguments: [Registry.Login.Kind.basic, .bearer])
    func theLoginOfDockersClientIsUsedAndNotShown(kind: Registry.Login.Kind) async throws {
      let login = Registry.Login(kind: kind)
      let registry = try await Registry.start(Registry.Settings(images: ["thing:1": Self.thing], login: login))
      defer { registry.end() }
      let client = try Scratch()
      let words = Data("\(login.user):\(login.password)".utf8).base64EncodedString()
      try client.write(#"{"auths": {"\#(registry.address)": {"auth": "\#(words)"}}}"#, to: "config.json")
      let stage = try await FetchStage(
        ["redis_image": "thing:1"], from: registry,
        environment: Engine.environment.merging(["DOCKER_CONFIG": client.path]) { $1 })
      let outcome = try await stage.fetch("thing:1")
      #expect(outcome.succeeded, "\(outcome.errors)")
      let log = try await Tool.run(Tool.dioptra, ["steps", "--log", "image.thing"], in: stage.folder)
      for text in [outcome.output, outcome.errors, log.output] {
        #expect(!text.contains(login.password) && !text.contains(words))
      }
      try await stage.forget("thing:1", of: registry)
    }

    @Test func aRateLimitIsExplained() async throws {
      let limit = Registry.Fault(path: "/manifests/", status: 429, headers: ["Retry-After": "5"])
      let text = try await complaint(Registry.Settings(images: ["thing:1": Self.thing], faults: [limit]))
      #expect(text.contains("limits how often"), "\(text)")
    }

    @Test func aRegistryThatIsBrokenForAMomentIsTriedAgain() async throws {
      let fault = Registry.Fault(path: "/manifests/", status: 500, times: 4)
      let registry = try await Registry.start(Registry.Settings(images: ["thing:1": Self.thing], faults: [fault]))
      defer { registry.end() }
      let stage = try await FetchStage(["redis_image": "thing:1"], from: registry)
      let run = try await stage.run("thing:1")
      #expect(run.status == 0, "\(run.errors)")
      // The engine asks twice in each attempt.
      #expect(run.output.contains("500 Internal Server Error") && run.output.contains("again"), "\(run.output)")
      try await stage.forget("thing:1", of: registry)
    }

    @Test func anImageForAnotherProcessorIsNamed() async throws {
      let image = Registry.Image(layers: [1000], architecture: "arm64")
      let text = try await complaint(Registry.Settings(images: ["thing:1": image]))
      #expect(text.contains("processor") && text.contains("redis_image"), "\(text)")
    }

    @Test func aFullDiskIsNamed() async throws {
      let registry = try Registry(Registry.Settings(images: ["thing:1": Registry.Image(layers: [60_000_000])]))
      let machine = try await MachineApart(registry: registry, disk: "64m")
      defer { machine.end() }
      let outcome = try await FetchStage(
        ["redis_image": "thing:1"], from: registry, environment: machine.environment
      ).fetch("thing:1")
      #expect(outcome.status == 1, "\(outcome.output)")
      #expect(outcome.errors.contains("/thing:1") && outcome.errors.contains("disk"), "\(outcome.errors)")
    }

    @Test func aCertificateThatTheEngineDoesNotTrustIsNamedAndThePlaceForItIsTheRightOne() async throws {
      let host = "10.213.0.1"
      let keys = try await certificate(of: host)
      let registry = try Registry(
        Registry.Settings(
          images: ["thing:1": Self.thing],
          tls: Registry.Certificate(certificate: keys.file("own.crt"), key: keys.file("own.key"))))
      let machine = try await MachineApart(registry: registry, at: host)
      defer { machine.end() }
      let stage = try await FetchStage(
        ["redis_image": "thing:1"], from: registry, environment: machine.environment)
      let refused = try await stage.fetch("thing:1")
      #expect(refused.status == 1)
      let place = "/etc/docker/certs.d/\(registry.address)/ca.crt"
      #expect(refused.errors.contains("certificate") && refused.errors.contains(place), "\(refused.errors)")

      let file = URL(filePath: place.replacing("/etc/docker", with: "\(machine.folder)/etc"))
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: URL(filePath: keys.file("ca.crt")), to: file)
      let fetched = try await stage.fetch("thing:1")
      #expect(fetched.succeeded, "\(fetched.errors)")
    }

    /// A certificate of an authority of its own.
    private func certificate(of host: String) async throws -> Scratch {
      let scratch = try Scratch()
      let script = """
        key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
        openssl req -x509 "${key[@]}" -keyout ca.key -out ca.crt -days 2 -subj '/CN=An authority of the tests'
        openssl req "${key[@]}" -keyout own.key -out own.csr -subj /CN=registry
        openssl x509 -req -in own.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out own.crt \
          -extfile <(echo subjectAltName=IP:\(host))
        """
      let made = try await Tool.run("bash", ["-ec", script], in: scratch.path)
      try #require(made.succeeded, "\(made.errors)")
      return scratch
    }

    @Test func aRegistryWithoutTLSWhereTheEngineWantsItIsNamed() async throws {
      let registry = try Registry(Registry.Settings(images: ["thing:1": Self.thing]))
      let machine = try await MachineApart(registry: registry, at: "10.213.0.1")
      defer { machine.end() }
      let outcome = try await FetchStage(
        ["redis_image": "thing:1"], from: registry, environment: machine.environment
      ).fetch("thing:1")
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("/thing:1") && outcome.errors.contains("HTTPS"), "\(outcome.errors)")
    }
  }
}
