import Foundation
import TestSupport
import Testing
import Yams

@testable import DioptraCompose
@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraSystem

/// Whatever a string contains, and wherever it is, every reader of YAML gets the same string back.
struct YAMLEmitterTests {
  @Test(arguments: Hostile.strings)
  func yamsReadsBackAHostileString(string: String) throws {
    #expect(try Hostile(string).asYamsReadsIt == Hostile(string).wanted)
  }

  /// The seed of a failure is its argument.
  @Test(arguments: 1...8)
  func yamsReadsBackRandomDocuments(seed: UInt64) throws {
    var chance = Chance(seed: seed)
    let strings = (0..<250).map { _ in chance.string() }
    let misread = strings.map(Hostile.init).filter { (try? $0.asYamsReadsIt) != $0.wanted }
    #expect(misread.map(\.string.debugDescription) == [])
  }

  @Test(.needsPyYAML, arguments: 1...4)
  func pyYAMLReadsBackRandomDocuments(seed: UInt64) async throws {
    var chance = Chance(seed: seed)
    let strings = Hostile.strings + (0..<250).map { _ in chance.string() }
    let input = String(decoding: try JSONEncoder().encode(strings.map { [$0, Hostile($0).text] }), as: UTF8.self)
    let outcome = try await Tool.run("python3", ["-c", Hostile.pythonReader], input: input)
    #expect(outcome.output == "", "strings that PyYAML reads otherwise")
    #expect(outcome.errors == "")
  }

  @Test(.needsCompose, arguments: 1...4)
  func composeReadsBackRandomDocuments(seed: UInt64) async throws {
    var chance = Chance(seed: seed)
    let strings = Hostile.strings + (0..<250).map { _ in chance.string() }
    let scratch = try Scratch()
    try scratch.write(ComposeFile.text(of: strings), to: "compose.yml")
    let outcome = try await Tool.run("docker", ["compose", "config", "--format", "json"], in: scratch.path)
    #expect(outcome.errors == "")
    let seen = try ComposeFile(json: outcome.output).services["a"]
    #expect(strings.indices.map { seen?.environment["V\($0)"] } == strings)
    #expect(seen?.command == strings)
  }
}

/// A string at every possible place of a document.
private struct Hostile {
  let string: String

  init(_ string: String) { self.string = string }

  var text: String {
    var emitter = YAMLEmitter()
    let text = Text(string)
    emitter.emit([
      .init("value", .string(text)), .init("quoted", .quoted(text)), .init("list", .list([.string(text)])),
      .init("flow", .flow([text, text])), .init("key", .map([.init(string, .literal("1"))])),
      .init("variable", .string(Text(segments: [.variable("name", value: string)]))),
    ])
    return emitter.text.visible
  }

  var wanted: [String] { Array(repeating: string, count: 7) }

  /// The scalars in the document, with their types unless they are strings.
  var asYamsReadsIt: [String] {
    get throws {
      let root = try Yams.compose(yaml: text)
      let nodes = [
        root?["value"], root?["quoted"], root?["list"]?.sequence?.first, root?["flow"]?.sequence?.first,
        root?["flow"]?.sequence?.last, root?["key"]?.mapping?.keys.first, root?["variable"],
      ]
      return nodes.map { node in
        guard let node, let scalar = node.scalar else { return "nothing" }
        return node.tag == Tag(.str) ? scalar.string : "\(node.tag): \(scalar.string)"
      }
    }
  }

  /// Prints each string that PyYAML, a reader of YAML 1.1, does not read back.
  static let pythonReader = """
    import json, sys, yaml
    for string, text in json.load(sys.stdin):
        try:
            seen = yaml.safe_load(text)
        except yaml.YAMLError as error:
            seen = str(error)
        wanted = {"value": string, "quoted": string, "list": [string], "flow": [string, string],
                  "key": {string: 1}, "variable": string}
        if seen != wanted:
            print(ascii(string), "read as", ascii(seen))
    """

  static let strings =
    [
      "", " ", "~", "yes", "No", "ON", "off", "y", "N", "true", "False", "null", "NULL", "1", "-1", "+1", "007", "0o17",
      "0x1f", "0b11", "1_000", "1e3", "-1.5E+3", ".5", ".inf", "-.INF", ".NaN", "12:34:56", "1:30", "2024-01-01",
      "2024-01-01 12:00:00 +1", "2024-01-01T12:00:00Z", "=", "<<", "-", "--", "---", "...", "?", ":", "|", ">", ",",
      " leading", "trailing ", "two  blanks", "a: b", "a:", ":a", "a #b", "#a", "a#b", "a:b", "- x", "-x", "-1x", "? x",
      "{a}", "[b]", "a, b", "*x", "&x", "!x", "!!int 1", "%x", "@x", "`x`", "'x'", "\"x\"", "it's", "say \"so\"", "\\",
      "C:\\x", "$HOME", "${X}", "$$", "$", "ä", "漢字", "😀", "e\u{301}", "q\u{301}", "1\u{301}", "\"\u{301}", "\\\u{301}",
      ": \u{301}", " #\u{301}", "\u{301}", "\u{D4E}", "a\tb", "\t", "a\nb", "a\n", "\na", "a\n\nb", "a\n b", "a \nb",
      "a\n\n", "a\r\nb", "a\rb", "a\n# b", "a\n--- b", "\u{7}", "a\n\u{7}", "\u{85}", "\u{A0}", "\u{2028}", "a\u{FEFF}",
      "\u{FFFE}",
    ]
}

/// Strings made of the pieces that YAML's readers disagree about. The same seed makes the same strings.
private struct Chance: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func string() -> String {
    let length = Int.random(in: 1...5, using: &self)
    return (0..<length).map { _ in Hostile.strings.randomElement(using: &self) ?? "" }.joined()
  }
}

/// A Compose file whose environment and command hold strings.
private struct ComposeFile: Decodable {
  struct Service: Decodable {
    var environment: [String: String]
    var command: [String]
  }
  var services: [String: Service]

  /// Compose takes two dollar signs for one, and gives them back so.
  static func text(of strings: [String]) -> String {
    let strings = strings.map { $0.replacingOccurrences(of: "$", with: "$$", options: .literal) }
    let environment = strings.enumerated().map { YAMLNode.Entry("V\($0.offset)", .string(Text($0.element))) }
    var emitter = YAMLEmitter()
    emitter.emit([
      .init(
        "services",
        .map([
          .init(
            "a",
            .map([
              .init("image", .string("image")), .init("environment", .map(environment)),
              .init("command", .list(strings.map { .string(Text($0)) })),
            ]))
        ]))
    ])
    return emitter.text.visible
  }

  init(json: String) throws {
    let json = json.replacingOccurrences(of: "$$", with: "$", options: .literal)
    self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test where `docker compose` does not work; never in CI.
  fileprivate static var needsCompose: Self { needs("Compose v2", toRun: "docker", "compose", "version") }

  /// Skips the test where Python has no PyYAML; never in CI.
  fileprivate static var needsPyYAML: Self { needs("PyYAML", toRun: "python3", "-c", "import yaml") }

  private static func needs(_ name: String, toRun program: String, _ arguments: String...) -> Self {
    .enabled("\(name) is not installed; .ci/prepare installs it") {
      if Tool.isStrict { return true }
      return (try? await Tool.run(program, arguments))?.succeeded == true
    }
  }
}
