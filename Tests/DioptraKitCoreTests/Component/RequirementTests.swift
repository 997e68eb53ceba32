import DioptraKitCore
import Testing

/// A component uses what is there and what it requires, and nothing else.
struct RequirementTests {
  /// A use of the thing `x` of a kind, and what brings that thing.
  struct Use: Sendable, CustomTestStringConvertible {
    let thing: String
    let user: Contribution
    let owner: [Contribution]
    var testDescription: String { thing }

    init(_ thing: String, _ user: Contribution, _ owner: Contribution...) {
      self.thing = thing
      self.user = user
      self.owner = owner
    }
  }

  private static let image: Text = "web:1"
  private static let service = Contribution.service(Service("x", "A service.", image: image))
  private static let initService = Contribution.initService(Service("x", "A service.", image: image))
  private static let volume = Contribution.volume(Volume("x", "Data"))
  private static let setting = Contribution.setting(Setting("x", "1"))
  private static let secret = Contribution.secret(Secret("x", "A secret"))
  private static let server = Contribution.proxyServer(
    ProxyServer("x", file: "x", "A server", port: 30000, hostPort: "30000"))
  private static let endpoint = Contribution.endpoint(Endpoint("x", service: "x", port: 80))

  private static func user(
    command: [Text] = [], environment: [EnvironmentVariable] = [], files: [String] = [], mounts: [Mount] = []
  ) -> Contribution {
    .service(
      Service(
        "web", "A service.", image: image, command: command, environmentFiles: files, environment: environment,
        mounts: mounts))
  }

  private static func step(
    _ action: Step.Action, requires: [StepID] = [], inputs: [Step.Input] = [], volumeBindings: [Step.VolumeBinding] = []
  ) -> Contribution {
    .step(
      Step(
        "web.go", "Go", requires: requires, action: action, inputs: inputs, volumeBindings: volumeBindings, deadline: 5)
    )
  }

  static let uses = [
    Use("volume 'x'", user(mounts: [.volume("x", at: "/data")]), volume),
    Use("setting 'x'", user(environment: [.setting("x")]), setting),
    Use("environment file 'x'", user(files: ["x"]), .environmentFile(EnvironmentFile("x", []))),
    Use("endpoint 'x'", user(command: ["\(endpoint: "x")"]), endpoint, service),
    Use("secret 'x'", .setting(Setting("KEY", "\(secret: "x")")), secret),
    Use("variable 'size'", .webAddress(WebAddress(Text(segments: [.variable("size", value: "1")]), "A page"))),
    Use(
      "volume 'x'",
      .volumePreparation(
        VolumePreparation(
          "x", directoryOption: "x", owner: .init(option: "o", help: "Owner", value: "0:0"), actions: [])), volume),
    Use(
      "volume 'x'",
      .dataFormat(
        DataFormat("x", file: "V", expected: "1", program: "Web", image: image, variable: "project_slug")), volume),
    Use("volume 'x'", .backupData(.volume(VolumeCopy("x", "data"))), volume),
    Use(
      "volume 'x'",
      .volumePreparation(
        VolumePreparation(
          "own", directoryOption: "o", owner: .init(option: "o", help: "Owner", value: "0:0"),
          actions: [.init(.copyFromVolume("x", path: "a", as: "b", mode: "0644"))])), volume),
    Use("variable 'size'", .certificatePair(CertificatePair("Web", switchedBy: "size", certificate: "a", key: "b"))),
    Use("variable 'size'", .scriptFlag(ScriptFlag("o", agreesWith: "size", value: "1", .on(otherwise: ""), help: "O"))),
    Use(
      "volume 'x'",
      .trustStore(TrustStore("web", service: "web", choice: "web", image: image, authorities: "x", bundle: "own")),
      volume),
    Use(
      "volume 'x'",
      .initService(Service("web", "A service.", image: image, mounts: [.volume("x", at: "/data")])), volume),
    Use("volume 'x'", .proxyFiles(ProxyFiles("x", at: "/x")), volume),
    Use("service 'x'", .endpoint(Endpoint("web", service: "x", port: 80)), service),
    Use("service 'x'", .liveFacts(LiveFacts(.execute("x", []), expected: [])), service),
    Use("init service 'x'", step(.run("x", [])), initService),
    Use("setting 'x'", step(.stop, inputs: [.setting("x")]), setting),
    Use("secret 'x'", step(.stop, inputs: [.secret("x")]), secret),
    Use("volume 'x'", step(.stop, volumeBindings: [.init("x", setting: "OWN")]), volume),
    Use("proxy server 'x'", .proxyLocation(ProxyLocation("x", .prefix("/"), .files(root: "/", fallback: "/"))), server),
    Use(
      "endpoint 'x'",
      .proxyStream(ProxyStream("web", "A port", port: 1, hostPort: "1", target: "x", idleTimeout: "1h")), endpoint,
      service),
    Use("secret 'x'", .database(SQLDatabase("web", role: "web", password: "x")), secret),
    Use(
      "bucket 'xxx'",
      .objectStoreAccount(ObjectStoreAccount("web", key: "WEB", secret: "own", policies: [.readOnly("xxx")])),
      .bucket(Bucket("xxx"))),
  ]

  private static let base = Sample(
    id: "base", variables: [Variable("project_slug", .slug, default: .value("sample"), help: "The prefix.")])
  private static let own: [Contribution] = [
    .setting(Setting("OWN", "1")), .secret(Secret("own", "A secret")), .volume(Volume("own", "Data")),
  ]

  @Test(arguments: uses) func whatIsNotThereIsRefused(use: Use) {
    refuse(
      [Sample(id: "web", requires: ["base"], brings: Self.own + [use.user])],
      "the \(use.thing), which no component contributes")
  }

  @Test(arguments: uses) func whatIsNotRequiredIsRefusedWithBothNames(use: Use) {
    let owner = Sample(
      id: "box", requires: ["base"],
      variables: use.owner.isEmpty ? [Variable("size", .count, default: .value("1"), help: "A size.")] : [],
      brings: use.owner)
    let expected = "of component 'web' refers to the \(use.thing) of component 'box', which 'web' does not require"
    refuse([owner, Sample(id: "web", requires: ["base"], brings: Self.own + [use.user])], expected)
    #expect(throws: Never.self) {
      try deployment([owner, Sample(id: "web", requires: ["base", "box"], brings: Self.own + [use.user])])
    }
  }

  @Test func whatARequiredComponentRequiresIsThereToo() throws {
    let user = Self.user(mounts: [.volume("x", at: "/data")])
    #expect(throws: Never.self) {
      try deployment([
        Sample(id: "box", brings: [Self.volume]), Sample(id: "shelf", requires: ["box"]),
        Sample(id: "web", requires: ["base", "shelf"], brings: [user]),
      ])
    }
  }

  // MARK: Variables

  @Test func anUndeclaredVariableIsAnErrorAndNotATrap() {
    refuse(
      [Asking(name: "nothing", requires: [])],
      "component 'asking' uses the variable nothing, which no component declares")
  }

  @Test func aVariableOfAComponentThatIsNotRequiredIsRefused() throws {
    let message = "the variable project_slug of component 'base', which 'asking' does not require"
    refuse([Asking(name: "project_slug", requires: [])], message)
    #expect(throws: Never.self) { try deployment([Asking(name: "project_slug", requires: ["base"])]) }
  }

  @Test func aDefaultThatFollowsFromWhatIsNotThereIsNoTrap() {
    let variable = Variable(
      "size", .count, default: .derived(explanation: "the other size") { try $0["other"] }, help: "A size.")
    refuse([Sample(id: "web", variables: [variable])], "component 'web' uses the variable other")
    let image = Variable.projectImage("web_image", image: "web", entry: "web")
    refuse([Sample(id: "web", variables: [image])], "component 'web' uses the variable container_registry")
  }

  @Test func aRegistryWithoutAPrefixIsNoTrap() {
    let error = #expect(throws: DioptraError.self) {
      try Deployment(
        registry: ComponentRegistry([Sample(id: "web", brings: [Self.volume])]), file: ConfigurationFile(text: ""),
        identity: Self.identity)
    }
    #expect(error?.problem.contains("no component declares the variable project_slug") == true)
  }

  // MARK: Values that cannot be

  @Test(arguments: [Secret.Form.password(length: 25), .password(length: 41), .key(bytes: 15), .key(bytes: 1025)])
  func aSecretOfAnotherLengthIsRefused(form: Secret.Form) {
    refuse(
      [Sample(id: "web", brings: [.secret(Secret("key", "A key", form: form))])],
      "the secret 'key' of component 'web' must have")
  }

  @Test(arguments: [Secret.Form.password(length: 26), .password(length: 40), .key(bytes: 16), .key(bytes: 1024)])
  func aSecretOfAGoodLengthIsTaken(form: Secret.Form) {
    #expect(throws: Never.self) {
      try deployment([Sample(id: "web", brings: [.secret(Secret("key", "A key", form: form))])])
    }
  }

  @Test(arguments: ["", "Web", "1web", "web box", "web'", String(repeating: "a", count: 64)])
  func aDatabaseOfAnotherNameIsRefused(name: String) {
    for database in [SQLDatabase(name, role: "web", password: "own"), SQLDatabase("web", role: name, password: "own")] {
      refuse([Sample(id: "web", brings: Self.own + [.database(database)])], "component 'web' calls a database")
    }
  }

  @Test(arguments: [("ab", ""), ("Web", ""), ("-web", ""), ("web", "a"), ("web", "a b/"), ("web", "/")])
  func aBucketOfAnotherNameIsRefused(name: String, prefix: String) {
    refuse(
      [Sample(id: "web", brings: [.bucket(Bucket(name, prefix: prefix))])], "component 'web' contributes the bucket")
  }

  @Test(arguments: [("ab", "WEB"), ("web", ""), ("web", "web"), ("web", "ROOT"), ("web", "1WEB"), ("we b", "WEB")])
  func anAccountOfAnotherNameIsRefused(user: String, key: String) {
    let account = ObjectStoreAccount(user, key: key, secret: "own", policies: [])
    refuse(
      [Sample(id: "web", brings: Self.own + [.objectStoreAccount(account)])], "component 'web' contributes the account")
  }

  @Test func aVolumeOfOneServiceIsNoneForTwo() {
    let services = ["web", "box"].map { name in
      Contribution.service(
        Service(ServiceName(name), "A service.", image: Self.image, mounts: [.volume("x", at: "/data")]))
    }
    refuse(
      [Sample(id: "web", brings: services + [Self.volume])],
      "the services 'web' and 'box' both mount the volume 'x', which is for one service")
    #expect(throws: Never.self) {
      try deployment([Sample(id: "web", brings: services + [.volume(Volume("x", "Data", access: .shared))])])
    }
  }

  // MARK: Helpers

  /// Asks for one variable.
  private struct Asking: Component {
    let id: ComponentID = "asking"
    let summary = "Asks"
    let name: VariableName
    let requires: [ComponentID]

    func contributions(in context: Context) throws -> [Contribution] {
      try [.file(FolderFile("a.txt", .text("\(context[name])\n")))]
    }
  }

  private static let identity = Identity(deployment: Identity.unnamed, folder: "/srv/sample")

  private func deployment(_ components: [any Component]) throws -> Deployment {
    try Deployment(
      registry: ComponentRegistry([Self.base] + components), file: ConfigurationFile(text: ""), identity: Self.identity)
  }

  private func refuse(_ components: [any Component], _ problem: String) {
    let error = #expect(throws: DioptraError.self) { try deployment(components) }
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
  }
}
