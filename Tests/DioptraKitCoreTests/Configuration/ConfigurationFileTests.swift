import DioptraKitCore
import Testing

struct ConfigurationFileTests {
  private static let text = """
    # My lab.
    deployment_name: AI lab   # as people say it

    # Number of workers.
    # num_workers: 1
    container_tag: '1.1.0'

    components:
      # the database page
      dbadmin: true

    """

  @Test func valuesAreReadAsTheyAreWritten() throws {
    let file = try ConfigurationFile(text: "a: 1.10\nb: yes\nc: 'x'\nd: 0x1f\ne:\nf: [x, y]\n")
    #expect(file.values == ["a": "1.10", "b": "yes", "c": "x", "d": "0x1f", "e": "", "f": "x y"])
  }

  @Test func onlyTheLineOfTheVariableChanges() throws {
    var file = try ConfigurationFile(text: Self.text)
    try file.set("deployment_name", to: "Other lab")
    #expect(file.text == Self.text.replacing("AI lab   # as", with: "Other lab # as"))
  }

  @Test func aCommentedDefaultBecomesTheValue() throws {
    var file = try ConfigurationFile(text: Self.text)
    try file.set("num_workers", to: "3")
    #expect(file.text == Self.text.replacing("# num_workers: 1", with: "num_workers: 3"))
    #expect(file.values["num_workers"] == "3")
  }

  @Test func anUnknownLineIsAddedAtTheEnd() throws {
    var file = try ConfigurationFile(text: "a: 1\n")
    try file.set("b", to: "x: y")
    #expect(file.text == "a: 1\nb: \"x: y\"\n")
  }

  @Test(arguments: ["", "yes", "1.10", "x # y", "'", "\"", "\\", "- a", "a: b", "{a}", "é ü", "~", "!x", "&a", " a "])
  func whateverIsSetIsReadBack(value: String) throws {
    var file = try ConfigurationFile(text: Self.text)
    try file.set("container_tag", to: value)
    #expect(try ConfigurationFile(text: file.text).values["container_tag"] == value)
  }

  @Test func aComponentIsSwitchedInItsOwnLine() throws {
    var file = try ConfigurationFile(text: Self.text)
    try file.setComponent("dbadmin", enabled: false)
    #expect(file.text == Self.text.replacing("dbadmin: true", with: "dbadmin: false"))
    #expect(file.disabled == ["dbadmin"])
    try file.setComponent("dbadmin", enabled: true)
    #expect(file.text == Self.text)
  }

  @Test(arguments: ["a: 1\n", "components:\n", "components: {}\na: 1\n", "components:\n  x: false\na: 1\n"])
  func aComponentIsAddedWhereItBelongs(text: String) throws {
    var file = try ConfigurationFile(text: text)
    let before = file
    try file.setComponent("dbadmin", enabled: false)
    #expect(file.disabled == before.disabled.union(["dbadmin"]))
    #expect(file.values == before.values)
  }

  @Test func aMultilineValueMustBeEditedByHand() throws {
    var file = try ConfigurationFile(text: "a: >\n  long\n  text\nb: 1\n")
    let before = file
    #expect { try file.set("a", to: "short") } throws: { "\($0)".contains("a cannot be changed in dioptra.yaml") }
    #expect(file == before)
  }

  @Test(arguments: [
    ("a: 1\na: 2\n", "2:1: 'a' stands there twice, first on line 1"), ("a: [1\n", "2:1: did not find expected"),
    ("a: 1\nb\n", "3:1: could not find expected ':'"),
    ("- a\n", "1:1: the file does not hold names with values"),
    ("a:\n  b: 1\n", "2:3: 'a' takes one value"), ("a: [x, [y]]\n", "1:8: the list 'a' has more than plain values"),
    ("components:\n  x: maybe\n", "2:6: the component 'x' takes true or false, not 'maybe'"),
    ("components:\n  x: [true]\n", "2:6: the component 'x' takes true or false"),
    ("components: 3\n", "1:13: components takes names"), ("\ta: 1\n", "1:1: found character that cannot start"),
    ("\u{FEFF}a: 1\r\nb: @\r\n", "2:4: found character that cannot start"),
    ("? [a]\n: b\n", "1:3: it has a name that is no"),
    ("a: &b 1\nc: *b\n", "2:4: it has an alias"), ("a: \u{1}\n", "1:4: control characters are not allowed"),
  ])
  func aSyntaxErrorIsReportedWithItsPosition(text: String, words: String) {
    #expect { try ConfigurationFile(text: text) } throws: { "\($0)".hasPrefix("dioptra.yaml:\(words)") }
  }

  private struct Web: Component {
    let id: ComponentID = "web"
    let summary = "A server."
    let isOptional = false
    let variables = [Variable("web_port", .port, default: .value("80"), help: "A port.")]

    func contributions(in context: Context) -> [Contribution] { [] }
  }

  @Test(arguments: [
    ("# x\nweb_prot: 1\n", "2:1: there is no variable 'web_prot'. Perhaps web_port is meant."),
    ("{web_port:   many}\n", "1:14: web_port cannot be 'many'."),
    ("web_port:\n  - many\n", "2:3: web_port cannot be 'many'."),
    ("components:\n  wbe: false\n", "2:3: component 'wbe' does not exist. Perhaps web is meant."),
    ("components: {web: false}\n", "1:14: component 'web' cannot be disabled"),
  ])
  func anUnknownNameOrInvalidValueIsReportedWithItsPosition(text: String, words: String) throws {
    let registry = try ComponentRegistry([Web()], templateVersion: 1)
    let file = try ConfigurationFile(text: text)
    #expect(
      file.faults(registry).map { "\($0)" }.first?.hasPrefix("dioptra.yaml:\(words)") == true,
      "\(file.faults(registry))")
    #expect { try Configuration(registry: registry, file: file) } throws: { "\($0)".hasPrefix("dioptra.yaml:\(words)") }
  }

  @Test func windowsLineEndsAreKept() throws {
    var file = try ConfigurationFile(text: "a: 1\r\n# b: x\r\nc: 3\r\n")
    try file.set("b", to: "2")
    #expect(file.text == "a: 1\r\nb: 2\r\nc: 3\r\n")
    #expect(file.values == ["a": "1", "b": "2", "c": "3"])
  }
}
