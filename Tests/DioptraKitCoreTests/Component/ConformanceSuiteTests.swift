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
    let error = #expect(throws: DioptraError.self) { try faults(Sample(id: "web", variables: [variable])) }
    #expect(error?.problem.hasPrefix("count cannot be 'many'") == true, "\(error?.problem ?? "")")
  }

  @Test(
    arguments: [
      (Sample(id: "Web"), "its name has other characters than a-z, 0-9 and -"),
      (Sample(id: "web", summary: "A\nsample"), "its summary is not one line"),
      (Sample(id: "web", summary: ""), "its summary is not one line"),
      (Sample(id: "web", summary: "A sample."), "its summary ends with a full stop"),
      (Sample(id: "web", version: 0), "its version is less than 1"),
    ])
  func aNameOrSummaryOfAnotherFormIsAFault(sample: Sample, rule: String) throws {
    #expect(try faults(sample) == [rule])
  }

  @Test func aVariableOfAnotherFormIsAFault() throws {
    let variables = [
      Variable("Big", .count, default: .value("1"), help: "A count."),
      Variable("small", .count, default: .value("01"), help: "A count."),
    ]
    #expect(
      try faults(Sample(id: "web", variables: variables)) == [
        "the variable Big has other characters than a-z, 0-9 and _", "the default of small is not a canonical value",
      ])
  }

  @Test func aStepWithoutTitleOrDeadlineIsAFault() throws {
    let step = Step("web.go", "", action: .stop, deadline: 0)
    #expect(
      try faults(Sample(id: "web", brings: [.step(step)])) == [
        "the step web.go has no deadline", "the step web.go has no title",
      ])
  }

  @Test func aCarriageReturnIsAFault() throws {
    let sample = Sample(id: "web", brings: [.file(FolderFile("a.txt", .text("x\r\n")))])
    #expect(try faults(sample) == ["the file a.txt has carriage returns"])
  }

  @Test func aNoteThatIsNoSentenceIsAFault() throws {
    let migration = Migration("web.told", "Does it.", version: .template(1), changes: [.note("look")])
    #expect(try faults(Sample(id: "web", migrations: [migration])) == ["a note of web.told is no sentence"])
  }

  @Test func bytesThatDifferFromTimeToTimeAreAFault() throws {
    #expect(
      try ComponentConformance.faults(of: Dice(), among: [Sample.base, Dice()]).map(\.rule) == [
        "it does not render the same bytes twice with [:]"
      ])
  }

  // MARK: What is switched off

  @Test func aFileThatRemainsIsAFault() throws {
    let file = FolderFile("a.txt", .text("x\n"))
    #expect(
      try faults(Sample(id: "web", brings: [.file(file)]), beside: Heir(contributing: .file(file))) == [
        "the file a.txt remains when it is switched off"
      ])
  }

  @Test func textThatRemainsIsAFault() throws {
    let text = Text(segments: [.init(.literal("port 80\n"), of: "web")])
    let other = Sample(id: "other", brings: [.file(FolderFile("b.txt", .text(text)))])
    #expect(
      try faults(Sample(id: "web"), beside: other) == ["b.txt still has text of it: literal(\"port 80\\n\")"])
  }

  @Test(arguments: [
    (Contribution.volume(Volume("web-data", "Data")), "web-data"),
    (.setting(Setting("WEB_KEY", "1")), "WEB_KEY"),
    (
      .service(
        Service("web-box", "A service.", image: "web:1", healthCheck: HealthCheck(["ok"], timeout: 1, retries: 1))),
      "web-box"
    ),
  ])
  func aNameThatRemainsIsAFault(contribution: Contribution, name: String) throws {
    let other = Sample(id: "other", brings: [.file(FolderFile("b.txt", .text("see \(Text(name))\n")))])
    #expect(
      try faults(Sample(id: "web", brings: [contribution]), beside: other) == [
        "b.txt still names \(name) when it is switched off"
      ])
  }

  @Test func whatCannotBeSwitchedOffNeedNotVanish() throws {
    let other = Sample(id: "other", brings: [.file(FolderFile("b.txt", .text("see web-data\n")))])
    let sample = Sample(id: "web", isOptional: false, brings: [.volume(Volume("web-data", "Data"))])
    #expect(try faults(sample, beside: other) == [])
  }

  /// Renders something else each time.
  private struct Dice: Component {
    let id: ComponentID = "dice"
    let summary = "Chance"
    let isOptional = false

    func contributions(in context: Context) -> [Contribution] {
      [.file(FolderFile("dice.txt", .text("\(Int.random(in: 0 ... .max))\n")))]
    }
  }

  /// Contributes a value where nobody else contributes anything.
  private struct Heir: Component {
    let id: ComponentID = "heir"
    let summary = "An heir"
    let contribution: Contribution

    init(contributing contribution: Contribution) { self.contribution = contribution }

    func contributions(collecting blueprint: Blueprint, in context: Context) -> [Contribution] {
      blueprint.files.isEmpty ? [contribution] : []
    }
  }

  @Test func helpThatIsNoSentenceIsAFault() throws {
    let variable = Variable("count", .count, default: .value("1"), help: "A count")
    #expect(try faults(Sample(id: "web", variables: [variable])) == ["the help of count is no sentence"])
  }

  @Test func aMigrationThatNamesWhatIsNotThereIsAFault() throws {
    let migrations = [
      Migration("box.other", "Does it", version: .release("new"), changes: [.keepValue(of: "nothing", "1")]),
      Migration("web.later", "Does it.", version: .template(2)),
      Migration("web.own", "Does it.", version: .component(2)),
    ]
    #expect(
      try faults(Sample(id: "web", migrations: migrations)) == [
        "the name of the migration box.other does not begin with that of the component",
        "the summary of box.other is no sentence", "the migration box.other belongs to no release",
        "the migration box.other names no variable: nothing",
        "the migration web.later belongs to a version of the template that there is not",
        "the migration web.own belongs to a version of the component that there is not",
      ])
  }

  private func faults(_ component: Sample) throws -> [String] {
    try ComponentConformance.faults(of: component, among: [Sample.base, component]).map(\.rule)
  }

  private func faults(_ component: Sample, beside other: any Component) throws -> [String] {
    try ComponentConformance.faults(of: component, among: [Sample.base, component, other]).map(\.rule)
  }
}
