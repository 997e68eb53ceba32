import DioptraKitCore
import Testing

struct ConfigurationTests {
  private static func registry() throws -> ComponentRegistry {
    try ComponentRegistry([
      Sample(
        id: "base", isOptional: false,
        variables: [
          Variable("tag", .imageTag, default: .value("1.0"), help: "A tag.", aliases: ["__tag"]),
          Variable(
            "branch", .gitReference, default: .derived(explanation: "the tag") { try $0["tag"] }, help: "A branch."),
        ]),
      Sample(
        id: "extra", requires: ["base"],
        variables: [Variable("count", .count, default: .value("1"), help: "A count.")]),
    ])
  }

  @Test func aDefaultFollowsFromOtherVariables() throws {
    let configuration = try Configuration(registry: Self.registry(), chosen: ["tag": "2.0"])
    #expect(try configuration["branch"] == "2.0")
    #expect(configuration.entry("branch")?.layer == .derived)
    #expect(configuration.entry("tag")?.layer == .file)
    #expect(configuration.entry("count")?.layer == .default)
  }

  @Test func theReferencesSpellingIsTheSameVariable() throws {
    #expect(try Configuration(registry: Self.registry(), chosen: ["__tag": "3"])["tag"] == "3")
  }

  @Test func anUnknownNameIsRefusedWithTheNearestKnownOne() throws {
    let registry = try Self.registry()
    #expect { try Configuration(registry: registry, chosen: ["brnch": "x"]) } throws: {
      "\($0)" == "there is no variable 'brnch'. Perhaps branch is meant."
    }
  }

  @Test func variablesOfADisabledComponentAreKnownButUnused() throws {
    let configuration = try Configuration(registry: Self.registry(), chosen: ["count": "2"], disabled: ["extra"])
    #expect(configuration.entry("count") == nil)
  }

  @Test func aRequiredComponentCannotBeDisabled() throws {
    let registry = try Self.registry()
    #expect { try Configuration(registry: registry, chosen: [:], disabled: ["base"]) } throws: {
      "\($0)".contains("'base' cannot be disabled")
    }
    #expect { try Configuration(registry: registry, chosen: [:], disabled: ["extar"]) } throws: {
      "\($0)".contains("Perhaps extra is meant")
    }
  }
}
