import Testing

@testable import DioptraSystem

/// What is taken, what is refused, and how both are told.
struct EnvironmentTextTests {
  private func value(_ text: String) throws -> String? { try EnvironmentText(Array(text.utf8)).value(of: "K") }

  @Test(arguments: [
    ("K=v", "v"), ("K='ab$cd'", "ab$cd"), ("K=\"ab # cd\"", "ab # cd"), ("K=\"ab\\$cd\"", "ab$cd"),
    ("K=\"ab$$cd\"", "ab$cd"), ("K=ab$$cd", "ab$cd"), ("K=\"ab\\\"cd\"", "ab\"cd"), ("K=\"ab\\ncd\"", "ab\ncd"),
    ("K='ab\ncd'", "ab\ncd"), ("export K=v", "v"), (" K=v", "v"), ("K: v", "v"), ("K = v", "v"), ("K=v # comment", "v"),
    ("K=v#no", "v#no"), ("K= v ", "v"), ("X=w\nK=a${X}b", "awb"), ("K=${X:-v}", "v"), ("K=ab$cd", "ab"), ("K=", ""),
    ("K=''", ""), ("\u{FEFF}K=v", "v"), ("K=v\r\n", "v"), ("K=\"v\"\r\n", "v"), ("K=v\nK=w", "w"),
    ("X='\nK=no'\nK=v", "v"),
    ("K=a\\b", "a\\b"), ("K=it's", "it's"), ("K=pa$", "pa$"), ("K.=x\nK=v", "v"), ("# K=x\nK=v", "v"),
  ])
  func aSpellingHasTheValueThatComposeGivesIt(text: String, value: String) throws {
    #expect(try self.value(text) == value)
  }

  @Test(arguments: [
    ("A=1\nK='v", 2, "has no end"), ("A=1\n\nK='v'w", 3, "behind the closing quote"),
    ("K=\"v\\\\\"", 1, "two backslashes"),
    ("K='v\\'w'", 1, "read \\' between single quotes differently"), ("A=1\nK=$HOME/v", 2, "who calls Compose"),
    ("K", 1, "no value of its own"), ("A=1\nnot a setting\nK=v", 2, "no line NAME=value"), ("K=${X", 1, "cannot read"),
    ("K=${X:?missing}", 1, "asks for X"), ("K=${X:-{}}", 1, "do not agree on a {"),
    ("X=$HOME\nK=$X", 2, "refers to line 1"),
    ("K=\"\\09\"", 1, "octal"), ("=v\nK=v", 1, "no line NAME=value"), ("K=v\u{2003}", 1, "blank at its end"),
  ])
  func whatIsNotTheSameForEveryComposeIsRefusedByItsLine(text: String, line: Int, reason: String) throws {
    let fault = try #require(throws: EnvironmentFault.self) { try value(text) }
    #expect(fault.line == line)
    #expect(fault.reason.contains(reason), "\(fault)")
    #expect(fault.error(in: ".env").problem.hasPrefix(".env, line \(line): "))
  }

  @Test func bytesThatAreNoTextMatterOnlyInValues() throws {
    let comment = Array("# K".utf8) + [0xF6] + Array("ln\nK=v\n".utf8)
    #expect(try EnvironmentText(comment).value(of: "K") == "v")
    let value = try EnvironmentText(Array("K=".utf8) + [0xF6])
    #expect(throws: EnvironmentFault.self) { try value.value(of: "K") }
  }

  @Test func unsetNamesAreReported() throws {
    let file = try EnvironmentText(Array("A=$B\nC=${A}${D:-$E}${F:+$G}\n".utf8))
    #expect(file.blanks.map(\.name) == ["B", "E"])
    #expect(file.blanks.map(\.line) == [1, 2])
    let outer = try EnvironmentText(Array("A=1\nC=$A$B\n".utf8), outer: ["A": "2", "B": "3"])
    #expect(try outer.value(of: "C") == "23")
  }

  @Test(arguments: [
    ("${A} $B ${C:-${D}}", ["A", "B", "D"]), ("$$A $${B}", []), ("a$", []), ("${A:?no}", ["A"]), ("${A:+x}", []),
  ])
  func referencesOfAComposeFileAreFound(text: String, names: [String]) {
    let needed = EnvironmentInterpolation.references(in: text).filter { !$0.hasDefault }.map(\.name)
    #expect(needed.sorted() == names)
  }

  @Test func valuesForScriptsAreEverythingAfterTheEqualsSign() {
    let lines = PlainLines(Array("A='b' # c\nA=d=e\n".utf8))
    #expect(lines.values(of: "A") == ["'b' # c", "d=e"])
  }
}
