import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraSystem

/// Origins are kept apart from the characters, and come back to them.
struct TextOriginsTests {
  private static func place(_ line: Int, of template: String = "t.conf") -> Text.Segment.Place {
    Text.Segment.Place(template: template, line: line)
  }

  private static let text = Text(segments: [
    Text.Segment(.literal("# ä\n"), at: place(1)), Text.Segment(.literal("next "), at: place(2)),
    Text.Segment(.variable("port", value: "80"), at: place(2)), Text.Segment(.literal("\n"), at: place(2)),
    Text.Segment(.secret("key", .percent, version: 3), of: "two", at: place(9)),
    Text.Segment(.variable("empty", value: ""), of: "two"), Text.Segment(.literal("plain"), of: "two"),
    Text.Segment(.variable("port", value: "8080")), Text.Segment(.secret("key", .plain, version: 1)),
    Text.Segment(.secret("other", .setting, version: 1)), Text.Segment(.literal("end\n"), at: place(3, of: "a b")),
  ])

  @Test func originsAreReadBackForTheirText() {
    let origins = TextOrigins(of: Self.text)
    #expect(TextOrigins(origins.characters).text(of: StoredText(Self.text)) == Self.text)
    for text in [Text(""), Text("one\n"), Text(segments: [.variable("a", value: "")])] {
      #expect(TextOrigins(of: text).text(of: StoredText(text)) == text)
    }
  }

  /// Databases hold it.
  @Test func theStoredFormOfOriginsNeverChanges() {
    #expect(
      TextOrigins(of: Self.text).characters == """
        t t.conf
        v port
        c two
        v empty
        t a b
        5t0:1 5+ 2v1+ 1+ sc2t0:9 0v3c2 5c2 4v1 s s 4t4:3
        """)
  }

  @Test func originsHoldNoCharacterOfTheText() {
    let origins = TextOrigins(
      of: Text(segments: [.variable("name", value: "value"), .literal("words"), .secret("key", .plain)]))
    #expect(origins.characters == "v name\n5v0 5 s")
  }

  /// Whatever is read, it is no trap.
  @Test(arguments: [
    "", "4", "6", "5 1", "s", "5s", "5v0", "5v", "5c9", "v a\n5v1", "t a\n5t0", "t a\n5t0:", "5+", "5x", "-5", "5 s",
    "99999999999999999999", "5\n",
  ])
  func originsOfAnotherTextAreRejected(origins: String) {
    #expect(TextOrigins(origins).text(of: StoredText("12345")) == nil)
  }

  /// Whatever version of a secret the text shows, and whatever stands for characters that are marks elsewhere.
  @Test func theyFitWhereSecretsAreNewerAndCharactersAreOfPrivateUse() {
    func text(_ version: Int) -> Text {
      Text(segments: [
        .variable("name", value: "\u{E001}x\u{F8FF}"), .secret("key", .plain, version: version), .literal("\n"),
      ])
    }
    let origins = TextOrigins(of: text(1))
    let back = origins.text(of: StoredText(text(12)))
    #expect(back?.segments.count == 3 && back?.secrets.map(\.version) == [12])
    #expect(back.map { StoredText($0) } == StoredText(text(12)))
  }
}
