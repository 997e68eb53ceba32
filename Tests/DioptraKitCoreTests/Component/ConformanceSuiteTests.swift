import DioptraKitCore
import Testing

/// The suite that judges components is itself judged: each rule has a component that breaks it.
struct ConformanceSuiteTests {
  @Test func aGoodComponentHasNoFaults() throws {
    #expect(try faults(Sample(id: "web")) == [])
  }

  @Test func aServiceWithoutHealthCheckIsAFault() throws {
    let service = Service("web", "A service.", image: "web:1")
    #expect(try faults(Sample(id: "web", brings: [.service(service)])).contains("the service web has no health check"))
  }

  @Test func aFileWithoutNewlineIsAFault() throws {
    let sample = Sample(id: "web", brings: [.file(FolderFile("a.txt", .text("x")))])
    #expect(try faults(sample) == ["the file a.txt does not end with a newline"])
  }

  @Test func aDefaultThatItsOwnTypeRefusesIsAFault() throws {
    let variable = Variable("count", .count, default: .value("many"), help: "A count.")
    #expect(throws: DioptraError.self) { try faults(Sample(id: "web", variables: [variable])) }
  }

  @Test func helpThatIsNoSentenceIsAFault() throws {
    let variable = Variable("count", .count, default: .value("1"), help: "A count")
    #expect(try faults(Sample(id: "web", variables: [variable])) == ["the help of count is no sentence"])
  }

  @Test func aMigrationThatNamesWhatIsNotThereIsAFault() throws {
    let migrations = [
      Migration("box.other", "Does it", version: .release("new"), changes: [.keepValue(of: "nothing", "1")]),
      Migration("web.later", "Does it.", version: .template(2)),
    ]
    #expect(
      try faults(Sample(id: "web", migrations: migrations)) == [
        "the name of the migration box.other does not begin with that of the component",
        "the summary of box.other is no sentence", "the migration box.other belongs to no release",
        "the migration box.other names no variable: nothing",
        "the migration web.later belongs to a version of the template that there is not",
      ])
  }

  private func faults(_ component: Sample) throws -> [String] {
    try ComponentConformance.faults(of: component, among: [Sample.base, component]).map(\.rule)
  }
}
