import DioptraKitCore
import Foundation
import TestSupport
import Testing

struct UnifiedDiffTests {
  @Test func aChangeHasThreeLinesOfContextOnEachSide() {
    let old = (1...20).map { "line \($0)\n" }.joined()
    let diff = UnifiedDiff(from: old, to: old.replacing("line 10\n", with: "another\nand one more\n"), path: "a/b.txt")
    #expect(
      diff.text == """
        --- a/a/b.txt
        +++ b/a/b.txt
        @@ -7,7 +7,8 @@
         line 7
         line 8
         line 9
        -line 10
        +another
        +and one more
         line 11
         line 12
         line 13

        """)
    #expect(diff.added == 2)
    #expect(diff.removed == 1)
  }

  @Test func theSameTextHasNoDifferenceAndEquivalentCharactersHaveOne() {
    #expect(UnifiedDiff(from: "a\n", to: "a\n", path: "a").text == "")
    #expect(UnifiedDiff(from: nil, to: "", path: "a").text == "")
    #expect(UnifiedDiff(from: "e\u{301}\n", to: "\u{E9}\n", path: "a").added == 1)
    #expect(UnifiedDiff(from: "a\r\n", to: "a\n", path: "a").added == 1)
  }

  @Test func aMissingLastLineFeedIsShown() {
    let diff = UnifiedDiff(from: "a\nb", to: "a\nb\n", path: "a")
    #expect(diff.text == "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n")
  }

  @Test func nothingInAFileOrItsNameSteersATerminal() {
    let diff = UnifiedDiff(from: "", to: "\u{1B}[2Jx\r\n\u{9B}y\n", path: "a\n+++ b\u{7}")
    #expect(diff.visible == "--- a/a^J+++ b^G\n+++ b/a^J+++ b^G\n@@ -0,0 +1,2 @@\n+^[[2Jx^M\n+\\x9by\n")
  }

  /// The judge is git: applied to the old texts, the differences give the new ones.
  @Test(.needs("git")) func gitMakesTheNewTextsOfTheOldOnes() async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    print("unified differences, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let scratch = try Scratch(inMemory: true)
    var patch = ""
    var wanted: [String: String] = [:]
    for number in 0..<400 {
      let old = Self.text(using: &generator)
      let new = Self.edited(old, using: &generator)
      let name = "file-\(number)"
      guard old != new, !old.isEmpty, !new.isEmpty else { continue }
      try scratch.write(old, to: name)
      wanted[name] = new
      patch += UnifiedDiff(from: old, to: new, path: name).text
    }
    let outcome = try await Tool.run("git", ["apply", "--whitespace=nowarn", "-"], input: patch, in: scratch.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (name, text) in wanted { #expect(try Data(contentsOf: URL(filePath: scratch.file(name))) == Data(text.utf8)) }
    #expect(wanted.count > 250)
  }

  private static func text(using generator: inout SeededGenerator) -> String {
    let count = Int.random(in: 0..<40, using: &generator)
    let lines = (0..<count).map { _ in
      generator.pick(["a", "b", "", "é", "x\r", "\\ No newline", "--- a", "@@ -1 +1 @@"])
    }
    return lines.joined(separator: "\n") + (Bool.random(using: &generator) ? "\n" : "")
  }

  private static func edited(_ text: String, using generator: inout SeededGenerator) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for _ in 0..<Int.random(in: 0..<6, using: &generator) {
      let position = Int.random(in: 0...lines.count, using: &generator)
      if Bool.random(using: &generator), position < lines.count {
        lines.remove(at: position)
      } else {
        lines.insert(generator.pick(["new", "a", ""]), at: position)
      }
    }
    return lines.joined(separator: "\n")
  }
}
