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

  @Test func onlyTheLineThatIsMeantChanges() throws {
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

  @Test func aValueOverSeveralLinesIsLeftToThePerson() throws {
    var file = try ConfigurationFile(text: "a: >\n  long\n  text\nb: 1\n")
    let before = file
    #expect { try file.set("a", to: "short") } throws: { "\($0)".contains("a cannot be changed in dioptra.yaml") }
    #expect(file == before)
  }

  @Test(arguments: [
    ("a: 1\na: 2\n", "a"), ("a: [1\n", "line"), ("- a\n", "names with values"), ("a:\n  b: 1\n", "a"),
    ("components:\n  x: maybe\n", "'maybe'"), ("components: 3\n", "components"), ("\ta: 1\n", "line 1"),
  ])
  func whatCannotBeParsedIsNamed(text: String, word: String) {
    #expect { try ConfigurationFile(text: text) } throws: { "\($0)".contains(word) }
  }

  @Test func windowsLineEndsAreKept() throws {
    var file = try ConfigurationFile(text: "a: 1\r\n# b: x\r\nc: 3\r\n")
    try file.set("b", to: "2")
    #expect(file.text == "a: 1\r\nb: 2\r\nc: 3\r\n")
    #expect(file.values == ["a": "1", "b": "2", "c": "3"])
  }
}
