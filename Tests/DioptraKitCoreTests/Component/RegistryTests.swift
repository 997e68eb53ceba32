import DioptraKitCore
import Testing

/// A component with nothing but what a test gives it.
struct Sample: Component {
  var id: ComponentID
  var summary = "A sample"
  var requires: [ComponentID] = []
  var isOptional = true
  var variables: [Variable] = []
  var brings: [Contribution] = []
  var migrations: [Migration] = []
  var version = 1

  func contributions(in context: Context) -> [Contribution] { brings }

  /// Declares the variable that every rendering needs.
  static let base = Sample(
    id: "base", variables: [Variable("project_slug", .slug, default: .value("sample"), help: "The prefix.")])
}

struct RegistryTests {
  @Test func componentsComeAfterWhatTheyRequireAndOtherwiseKeepTheirOrder() throws {
    let registry = try ComponentRegistry([
      Sample(id: "web", requires: ["api"]), Sample(id: "first"), Sample(id: "api"), Sample(id: "last"),
    ])
    #expect(registry.components.map(\.id) == ["first", "api", "web", "last"])
  }

  @Test func circularRequirementsAreRefused() {
    #expect {
      try ComponentRegistry([Sample(id: "hen", requires: ["egg"]), Sample(id: "egg", requires: ["hen"])])
    } throws: { "\($0)".contains("hen, egg") }
  }

  @Test func anUnknownRequirementIsRefusedWithBothNames() {
    #expect {
      try ComponentRegistry([Sample(id: "web", requires: ["api"])])
    } throws: { "\($0)".contains("'web' requires 'api'") }
  }

  @Test func twoComponentsWithTheSameNameAreRefused() {
    #expect { try ComponentRegistry([Sample(id: "web"), Sample(id: "web")]) } throws: { "\($0)".contains("'web'") }
  }

  @Test func twoOwnersOfOneVariableAreRefusedWithBothNames() {
    let variable = Variable("port", .port, default: .value("80"), help: "A port.")
    #expect {
      try ComponentRegistry([Sample(id: "web", variables: [variable]), Sample(id: "api", variables: [variable])])
    } throws: { "\($0)".contains("'web' and 'api' both declare the variable 'port'") }
  }

  @Test(arguments: [
    (Contribution.file(FolderFile("a.txt", .text("x"))), "file 'a.txt'"),
    (.service(Service("db", "A service.", image: "postgres:17")), "service 'db'"),
    (.volume(Volume("data", "Data")), "volume 'data'"),
    (.secret(Secret("key", "A key")), "secret 'key'"),
    (.setting(Setting("KEY", "x")), "setting 'KEY'"),
  ])
  func twoOwnersOfOneThingAreRefusedWithBothNames(contribution: Contribution, thing: String) throws {
    let components = [
      Sample.base, Sample(id: "web", brings: [contribution]), Sample(id: "api", brings: [contribution]),
    ]
    #expect { try deployment(components) } throws: {
      "\($0)".contains("'web' and 'api' both contribute the \(thing)")
    }
  }

  @Test func aReferenceToSomethingThatIsNotContributedIsRefused() throws {
    let service = Service("web", "A service.", image: "web:1", mounts: [.volume("data", at: "/data")])
    #expect { try deployment([Sample.base, Sample(id: "web", brings: [.service(service)])]) } throws: {
      "\($0)".contains("service 'web' of component 'web' refers to the volume 'data'")
    }
  }

  @Test(arguments: ["../x", "/etc/passwd", "a/../../b", "a//b", "./a", ".dioptra/state.db", "dioptra.yaml", ""])
  func aPathThatLeavesTheFolderIsRefused(path: String) throws {
    let file = Contribution.file(FolderFile(path, .text("x")))
    #expect(throws: DioptraError.self) { try deployment([Sample.base, Sample(id: "web", brings: [file])]) }
  }

  @Test func aReadableFileWithASecretIsRefused() throws {
    let brings: [Contribution] = [
      .secret(Secret("key", "A key")), .file(FolderFile("a.txt", .text("\(secret: "key")\n"))),
    ]
    #expect { try deployment([Sample.base, Sample(id: "web", brings: brings)]) } throws: {
      "\($0)".contains("a.txt") && "\($0)".contains("readable by all")
    }
  }

  @Test func anUnfilledPlaceholderIsRefused() throws {
    let template = Template(name: "a.txt", source: "{{nothing}}\n")
    let file = Contribution.file(FolderFile("a.txt", .template(template)))
    #expect { try deployment([Sample.base, Sample(id: "web", brings: [file])]) } throws: {
      "\($0)".contains("'nothing'")
    }
  }

  private func deployment(_ components: [any Component]) throws -> Deployment {
    try Deployment(
      registry: ComponentRegistry(components), file: ConfigurationFile(text: ""),
      identity: Identity(deployment: Identity.unnamed, folder: "/srv/sample"))
  }
}
