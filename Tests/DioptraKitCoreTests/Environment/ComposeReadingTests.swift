import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraSystem

/// Files of settings are read and written as the real Compose reads them.
struct ComposeReadingTests {
  private static let spellings = 4_000
  private static let values = 1_500
  private static let batch = 1_000

  @Test(.needs("docker")) func acceptedFilesAreReadAsComposeReadsThem() async throws {
    var generator = Spellings()
    var taken: [(name: String, text: String, value: String)] = []
    var refused = 0
    for number in 0..<Self.spellings {
      let name = "V\(number)"
      let text = generator.line(name)
      guard let file = try? EnvironmentText(Array("\(Spellings.start)\(text)".utf8)),
        let value = try? file.value(of: name)
      else {
        refused += 1
        continue
      }
      taken.append((name, text, value))
    }
    print("seed \(generator.seed): \(taken.count) spellings are taken, \(refused) refused")
    #expect(taken.count >= 3_000, "\(refused) refused")
    for start in stride(from: 0, to: taken.count, by: Self.batch) {
      let part = taken[start..<min(start + Self.batch, taken.count)]
      let text = Spellings.start + part.map(\.text).joined()
      let whole = try EnvironmentText(Array(text.utf8))
      let scratch = try Scratch()
      try scratch.write(text, to: "settings")
      let read = try #require(
        try await ComposeEnvironment.values(of: part.map(\.name), in: "settings", scratch: scratch),
        "seed \(generator.seed): Compose cannot read what is taken")
      for (name, spelling, value) in part where try value != read[name] || whole.value(of: name) != value {
        Issue.record("seed \(generator.seed): \(spelling.debugDescription): \(value) instead of \(read[name] ?? "")")
      }
    }
  }

  @Test(.needs("docker")) func writtenValuesAreReadBackExactly() async throws {
    var generator = Spellings()
    let values = Spellings.hard + (0..<Self.values).map { _ in generator.value() }
    let text = values.enumerated().map { "V\($0.offset)=\(EnvironmentSpelling.of($0.element))\n" }.joined()
    let ours = try EnvironmentText(Array(text.utf8))
    let scratch = try Scratch()
    try scratch.write(text, to: "settings")
    let read = try #require(
      try await ComposeEnvironment.values(of: values.indices.map { "V\($0)" }, in: "settings", scratch: scratch))
    for (index, value) in values.enumerated()
    where try read["V\(index)"] != value || ours.value(of: "V\(index)") != value {
      Issue.record(
        "seed \(generator.seed): \(value.debugDescription) as \(EnvironmentSpelling.of(value)): \(read["V\(index)"] ?? "")"
      )
    }
  }

  @Test(
    .needs("docker"),
    arguments: [
      ("a mark at the beginning", "\u{FEFF}A=b\n"), ("line ends of Windows", "A='b'\r\nB=c\r\nC=\"d\"\r\n"),
      ("no end", "A=b"), ("one value twice", "A=b\nA=c\n"), ("a comment only", "# a\nA=b # c\n#\n"),
      ("another name inside", "X='\nA=no\n'\nA=yes\n"), ("a name in another", "AA=1\nA=2\nA.A=3\n"),
    ])
  func wholeFilesAreReadAsComposeReadsThem(what: String, text: String) async throws {
    let scratch = try Scratch()
    try scratch.write(text, to: "settings")
    let file = try EnvironmentText(Array(text.utf8))
    let names = file.names.filter { !$0.contains(".") }.sorted()
    let read = try await ComposeEnvironment.values(of: names, in: "settings", scratch: scratch)
    #expect(try names.map { try file.value(of: $0) } == names.map { read?[$0] }, "\(what)")
  }
}

/// Spellings of settings, and values, that hit on what means something to Compose.
private struct Spellings {
  let seed = UInt64.random(in: .min ... .max)
  private var generator: SeededGenerator

  init() { generator = SeededGenerator(seed: seed) }

  /// What precedes each.
  static let start = "X=val\nY=\nZ='a $ b'\n"

  static let hard = [
    "", " ", "'", "\"", "\\", "$", "#", "a #b", " a", "a ", "a\\", "'a\\", "\"a\\", "it's \\", "a\nb", "a\r", "$X",
    "${X}",
    "$$", "a'b\"c\\d$e", "\\n", "\t", "é", "\u{A0}a\u{A0}", "a=b", "export A=b", "{{x}}", "%41", "\\0134", "\\$",
    "\\\"",
  ]

  private static let pieces = [
    "a", "B", "0", "_", "-", ".", "/", "%41", "=", ":", ";", "&", "!", "~", "(", "{", "}", "é", "日", "\u{A0}",
    "\u{2003}",
    "$", "$$", "$X", "$Y", "$none", "${X}", "${none}", "${none:-d}", "${Y:-d e}", "${Y-d}", "${X:+y}", "${Z}",
    "${X:?no}",
    "${none:-${X}}", "${X:-a}b}", "${}", "$1", "#", " #", " # c", " ", "  ", "\t", "'", "\"", "\\", "\\\\", "\\n",
    "\\r",
    "\\t", "\\a", "\\q", "\\$", "\\\"", "\\'", "\\0101", "\\044", "\\0044", "\\0", "\\x41", "export ", "\u{7F}",
  ]

  mutating func line(_ name: String) -> String {
    let beginning = generator.pick([
      "\(name)=", "\(name)=", "\(name)=", "\(name)= ", "\(name) = ", " \(name)=", "\t\(name)=", "export \(name)=",
      "export\t\(name) =", "\(name): ", "\(name):", "export \(name): ",
    ])
    let quote = generator.pick(["", "", "'", "\""])
    let usual = Self.pieces.filter { quote.isEmpty || (!$0.contains(quote) && $0 != "\\") }
    let breaks = quote.isEmpty ? [] : ["\n", "\r\n", "\nV=1\n"]
    let content = pieces(generator.pick([usual, usual, usual, Self.pieces]) + breaks)
    return beginning + quote + content + quote + generator.pick(["", "", "", " ", "\t", "\r", " # c", " #", "#"]) + "\n"
  }

  /// Without the zero byte, which no environment can hold.
  mutating func value() -> String { pieces(Self.pieces + ["\n", "\r", "\u{1}"]) }

  private mutating func pieces(_ pieces: [String]) -> String {
    (0..<Int.random(in: 0...5, using: &generator)).map { _ in generator.pick(pieces) }.joined()
  }
}
