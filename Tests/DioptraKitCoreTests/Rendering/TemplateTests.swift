import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraRendering
@testable import DioptraSystem

/// Each construct of a template, and each mistake with its place.
struct TemplateTests {
  private static let values: [String: TemplateValue] = [
    "name": "lab", "empty": "", "on": .flag(true), "off": .flag(false), "none": .list([]),
    "items": .list([["name": "a", "last": .flag(false)], ["name": "b", "last": .flag(true)]]),
    "nested": .list([["items": .list([["x": "1"], ["x": "2"]])], ["items": .list([])]]),
  ]

  private func text(_ source: String) throws -> Text {
    var text = Text("")
    try CompiledTemplate(Template(name: "t.conf", source: source)).append(to: &text, with: TemplateScope(Self.values))
    return text
  }

  @Test(arguments: [
    ("", ""), ("no placeholder\n", "no placeholder\n"), ("{ {name}} }}\n", "{ {name}} }}\n"),
    // Values.
    ("{{name}}", "lab"), ("<{{ name }}>", "<lab>"), ("{{name}}{{empty}}{{name}}", "lablab"),
    ("  {{name}}\n", "  lab\n"),
    ("{{name}}\n\n{{name}}\n", "lab\n\nlab\n"), ("ä{{name}}é\u{301}\n", "älabé\u{301}\n"), ("{{name}}}\n", "lab}\n"),
    // Sections that are there or not.
    ("{{#on}}x{{/on}}{{#off}}y{{/off}}", "x"), ("{{^on}}x{{/on}}{{^off}}y{{/off}}", "y"),
    ("a{{#on}} {{name}}{{/on}};\n", "a lab;\n"), ("{{# on }}x{{/ on }}", "x"),
    ("{{#on}}{{#off}}a{{/off}}{{^off}}b{{/off}}{{/on}}", "b"),
    // Lists.
    ("{{#items}}{{name}},{{/items}}", "a,b,"), ("{{#none}}x{{/none}}{{^none}}none{{/none}}", "none"),
    ("{{^items}}none{{/items}}", ""), ("{{#items}}{{name}}{{^last}}, {{/last}}{{/items}}", "a, b"),
    ("{{#nested}}[{{#items}}{{x}}{{name}}{{/items}}]{{/nested}}", "[1lab2lab][]"),
    // Lines of their own.
    ("a\n{{#on}}\nb\n{{/on}}\nc\n", "a\nb\nc\n"), ("a\n  {{#on}} \t\n  b\n\t{{/on}}\nc\n", "a\n  b\nc\n"),
    ("{{#items}}\n- {{name}}\n{{/items}}", "- a\n- b\n"), ("{{#off}}\nx\n{{/off}}\n", ""),
    ("{{#on}}\r\nx\r\n{{/on}}\r\n", "x\r\n"),
    ("{{#on}}\n{{/on}}\n\n", "\n"), ("{{#on}} x\n{{/on}}\n", " x\n"), ("x {{#on}}\n{{/on}}\n", "x \n"),
    ("{{#on}}{{/on}}\n", "\n"), (" {{^off}}\n x\n {{/off}}", " x\n"), ("{{#on}}\r{{/on}}", "\r"),
    // Comments.
    ("a{{! words }}b\n", "ab\n"), ("a\n  {{! words }}\nb\n", "a\nb\n"), ("a\n{{! of\ntwo lines }}\nb\n", "a\nb\n"),
    ("{{!}}", ""), ("{{! {{name}}", ""),
  ])
  func fills(source: String, expected: String) throws {
    #expect(try text(source).visible == expected)
  }

  @Test(arguments: [
    ("{{nothing}}", "t.conf:1:1: nothing fills 'nothing'"),
    ("a\n\n  ä{{nothing}}", "t.conf:3:4: nothing fills 'nothing'"),
    ("{{#items}}\n{{x}}{{/items}}", "t.conf:2:1: nothing fills 'x'"),
    ("{{#unknown}}{{/unknown}}", "t.conf:1:1: nothing fills 'unknown'"),
    ("{{^unknown}}{{/unknown}}", "t.conf:1:1: nothing fills 'unknown'"),
    ("x{{on}}", "t.conf:1:2: 'on' is no text"), ("{{items}}", "t.conf:1:1: 'items' is no text"),
    ("{{#name}}x{{/name}}", "t.conf:1:1: the section 'name' is made of a text"),
    ("{{^name}}x{{/name}}", "t.conf:1:1: the section 'name' is made of a text"),
    ("a\nb {{name", "t.conf:2:3: the placeholder does not end"),
    ("{{name}", "t.conf:1:1: the placeholder does not end"),
    ("{{#on}}\nx", "t.conf:1:1: the section 'on' does not end"),
    ("\n{{#on}}{{#off}}{{/off}}", "t.conf:2:1: the section 'on' does not end"),
    ("{{#on}}\n {{/off}}", "t.conf:2:2: the section 'on' of t.conf:1:1 ends as 'off'"),
    ("{{#on}}{{#off}}{{/on}}{{/off}}", "t.conf:1:16: the section 'off' of t.conf:1:8 ends as 'on'"),
    ("x\n{{/on}}", "t.conf:2:1: no section 'on' begins before this end"),
    ("{{}}", "t.conf:1:1: '{{}}' is no placeholder"), ("{{a b}}", "t.conf:1:1: '{{a b}}' is no placeholder"),
    ("{{{name}}}", "t.conf:1:1: '{{{name}}' is no placeholder"),
    ("{{&name}}", "t.conf:1:1: '{{&name}}' is no placeholder"),
    ("{{> part}}", "t.conf:1:1: '{{> part}}' is no placeholder"), ("{{.}}", "t.conf:1:1: '{{.}}' is no placeholder"),
    ("{{#}}{{/}}", "t.conf:1:1: '{{#}}' is no placeholder"),
    ("{{=<% %>=}}", "t.conf:1:1: '{{=<% %>=}}' is no placeholder"),
    ("{{naïve}}", "t.conf:1:1: '{{naïve}}' is no placeholder"),
  ])
  func reportsAMistakeWithItsPlace(source: String, expected: String) {
    #expect { try text(source) } throws: { ($0 as? DioptraError)?.problem == "template \(expected)" }
  }

  @Test func whatIsWrongWithAValueIsToldWithThePlaceOfItsPlaceholder() throws {
    let template = try CompiledTemplate(Template(name: "t.conf", source: "a\nä {{name}}\n"))
    let fault = DioptraError(.componentInvalid, "there is no endpoint 'x'", remedy: "Correct the name")
    let scopes = [
      TemplateScope([:], general: { _ in throw fault }), TemplateScope(["name": "x"], resolved: { _ in throw fault }),
    ]
    for scope in scopes {
      var text = Text("")
      let error = #expect(throws: DioptraError.self) { try template.append(to: &text, with: scope) }
      #expect(error?.problem == "template t.conf:2:3: there is no endpoint 'x'" && error?.remedy == fault.remedy)
    }
  }

  /// What is not there is not asked for.
  @Test func aNameInASectionThatIsNotThereNeedsNoValue() throws {
    #expect(try text("{{#off}}{{unknown}}{{/off}}{{#none}}{{unknown}}{{/none}}").isEmpty)
  }

  @Test func valuesKeepTheirOrigin() throws {
    let template = Template(name: "t", source: "a {{port}} b\n{{#hosts}}\n{{host}}:{{port}}\n{{/hosts}}\n")
    let port = Text(segments: [.variable("web_port", value: "80")])
    var text = Text("")
    try CompiledTemplate(template).append(
      to: &text,
      with: TemplateScope(
        ["hosts": .list([["host": "\(secret: "key")"], ["host": "x"]])], general: { $0 == "port" ? port.value : nil },
        resolved: { text in
          Text(segments: text.segments.map { $0.secret == nil ? $0 : .init(.secret("key", .plain, version: 2)) })
        }))
    func segment(_ content: Text.Segment.Content, _ line: Int) -> Text.Segment {
      Text.Segment(content, at: Text.Segment.Place(template: "t", line: line))
    }
    let content = Text.Segment.Content.variable("web_port", value: "80")
    #expect(
      text.segments == [
        segment(.literal("a "), 1), segment(content, 1), segment(.literal(" b\n"), 1),
        segment(.secret("key", .plain, version: 2), 3), segment(.literal(":"), 3), segment(content, 3),
        segment(.literal("\n"), 3), segment(.literal("x:"), 3), segment(content, 3), segment(.literal("\n"), 3),
      ])
  }

  @Test func whatFollowsInTheTemplateIsOneSegmentAndEveryLineOfAValueHasThatOfItsPlaceholder() throws {
    let source = "one\n{{! nothing }}\nthree\nfour {{value}} four\nfive\n"
    var text = Text("")
    try CompiledTemplate(Template(name: "t", source: source)).append(
      to: &text, with: TemplateScope(["value": "a\nb\nc"]))
    #expect(text.visible == "one\nthree\nfour a\nb\nc four\nfive\n")
    let lines = text.segments.flatMap { segment in
      segment.lines.filter { $0.content != .literal("") }.map { "\($0.place?.line ?? 0) \($0.characters ?? "")" }
    }
    #expect(lines == ["1 one", "3 three", "4 four a", "4 b", "4 c four", "5 five"])
  }

  /// Templates of random parts, each with what it has to become. The seed of a failure is its argument.
  @Test(arguments: 1...20)
  func randomTemplatesAreFilled(seed: UInt64) throws {
    var chance = TemplateChance(seed: seed)
    for _ in 0..<50 {
      let (source, expected) = chance.part(depth: 3)
      #expect(try text(source).visible == expected, "\(source.debugDescription)")
    }
  }
}

/// Makes templates and, beside them, their results. The same seed makes the same.
private struct TemplateChance: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  private static let literals = [
    "x", "{", "}", "{ {", "ä", " ", "\t", "#", "e\u{301}", "\\", "😀", "a b", "/", "^", "!",
  ]

  mutating func part(depth: Int) -> (source: String, expected: String) {
    var (source, expected) = ("", "")
    for _ in 0..<Int.random(in: 0...4, using: &self) {
      let (more, result) = piece(depth: depth)
      // A letter separates two pieces, so that no braces meet.
      source += "." + more + "."
      expected += "." + result + "."
    }
    return (source, expected)
  }

  private mutating func piece(depth: Int) -> (String, String) {
    switch Int.random(in: 0...(depth > 0 ? 7 : 2), using: &self) {
    case 0:
      let literal = Self.literals.randomElement(using: &self) ?? ""
      return (literal, literal)
    case 1: return ("{{name}}", "lab")
    case 2: return ("{{! {{ }}", "")
    case 3: return section("on", isThere: true, depth)
    case 4: return section("none", isThere: false, depth)
    case 5:
      let (source, expected) = part(depth: depth - 1)
      return ("{{#items}}\(source){{/items}}", items(source, expected))
    case 6: return lines("on", isThere: true, depth)
    default: return lines("off", isThere: false, depth)
    }
  }

  /// The section twice; its own `name` hides the template's.
  private func items(_ source: String, _ expected: String) -> String {
    ["a", "b"].map { expected.replacing("lab", with: $0) }.joined()
  }

  private mutating func section(_ name: String, isThere: Bool, _ depth: Int) -> (String, String) {
    let (source, expected) = part(depth: depth - 1)
    return Bool.random(using: &self)
      ? ("{{#\(name)}}\(source){{/\(name)}}", isThere ? expected : "")
      : ("{{^\(name)}}\(source){{/\(name)}}", isThere ? "" : expected)
  }

  /// A section whose tags have lines of their own.
  private mutating func lines(_ name: String, isThere: Bool, _ depth: Int) -> (String, String) {
    let (source, expected) = part(depth: depth - 1)
    let margin = ["", " ", "\t  "].randomElement(using: &self) ?? ""
    return ("\n\(margin){{#\(name)}}\n\(source)\n\(margin){{/\(name)}}\n", "\n" + (isThere ? expected + "\n" : ""))
  }
}
