import Testing
import Yams

@testable import DioptraSystem

/// What libyaml's events become. Yams, which makes a tree of the same events, is the judge.
struct YAMLReaderTests {
  @Test(arguments: [
    "", "# nothing\n", "a", "a: 1\nb: [x, 'y', \"z\\n\"]\nc:\n  d: {e: f, g: [h]}\n  i:\n  - j\n  - k: l\n",
    "- !reset []\n- !override {a: b}\n- !!str 1\n- !!map {}\n- ! x\n- !own 'x'\n",
    "a: &x [1, 2]\nb: *x\nc: &x 3\nd: *x\n",
    "a: |\n  one\n  two\nb: >-\n  three\n  four\n", "'a\\b': \"\\u00e9\\0\"\n? plain\n: value\n", "a: ~\nb:\nc: null\n",
    "%YAML 1.1\n---\na: b\n...\n", "e\u{301}: \u{1F600}\n", "a: b # words\n\n\nc: d\r\n", "<<: {a: b}\nc: d\n",
  ])
  func aDocumentIsWhatYamsReads(text: String) throws {
    let own = try YAMLText.tree(of: text, allowsAliases: true).map { Tree($0) }
    let other = try Yams.compose(yaml: text, .basic).map { Tree($0) }
    #expect(own == other)
  }

  @Test func documentsAreReadOneAfterAnother() throws {
    let documents = try YAMLText.documents(in: "a: 1\n---\n- b\n---\n[c]: d\n")
    #expect(documents.map(\.place.line) == [1, 3, 5])
    #expect(documents.first?["a"]?.string == "1")
    #expect(documents.last?.mapping?.keys.first?.sequence?.map(\.string) == ["c"])
  }

  @Test(
    arguments: [
      ("a: [1\nb: 2\n", "did not find expected ',' or ']'", 2, 2),
      ("a: @x\n", "found character that cannot start any token", 1, 4),
      ("x\ta: b\n  c: d", "mapping values are not allowed in this context", 2, 4),
      ("ä: {b: *x}\n", "found undefined alias", 1, 8), ("a: 1\n---\nb: 2\n", "but found another document", 2, 1),
      ("a:\n  b: 1\n  'b': 2\n", "'b' stands there twice, first on line 2", 3, 3),
      ("a: 1\n[b]: 2\n", "it has a name that is no plain word", 2, 1),
      ("a: 1\n? {b: c}\n: 2\n", "it has a name that is no plain word", 2, 3),
      ("a: 1\nä: \u{7}\n", "control characters are not allowed", 2, 4),
    ])
  func aSyntaxErrorHasItsPosition(text: String, problem: String, line: Int, column: Int) {
    #expect(throws: YAMLText.Fault(problem: problem, place: TextPlace(line: line, column: column))) {
      try YAMLText.tree(of: text, allowsAliases: true)
    }
  }

  @Test func anAliasIsRefusedWhereValuesAreWrittenOut() {
    let problem = "it has an alias, `*name`, where values are written out"
    #expect(throws: YAMLText.Fault(problem: problem, place: TextPlace(line: 2, column: 4))) {
      try YAMLText.tree(of: "a: &x 1\nb: *x\n", allowsAliases: false)
    }
  }

  @Test func valuesWithTheSameMeaningAreEqual() throws {
    func tree(_ text: String) throws -> YAMLValue? { try YAMLText.tree(of: text, allowsAliases: true) }
    #expect(try tree("a: 'b'\n") == tree("# words\n\"a\": b\n"))
    #expect(try tree("a: b\n") != tree("a: !x b\n"))
    #expect(try tree("a: [b, c]\n") != tree("a: [c, b]\n"))
  }

  @Test(arguments: 1...8)
  func randomDocumentsAreReadAsYamsReadsThem(seed: UInt64) throws {
    var chance = Chance(state: seed)
    for _ in 0..<400 {
      let text = chance.text()
      let own = Result { try YAMLText.documents(in: text).map(Tree.init) }
      let other = Result { try Self.documents(text) }
      switch (own, other) {
      case (.success(let own), .success(let other)): #expect(own == other, "\(text.debugDescription)")
      case (.failure, .failure): break
      default: Issue.record("\(text.debugDescription): \(own) \(other)")
      }
    }
  }

  private static func documents(_ text: String) throws -> [Tree] {
    var sequence = try Yams.compose_all(yaml: text, .basic)
    var documents: [Tree] = []
    while let document = sequence.next() { documents.append(Tree(document)) }
    if let error = sequence.error { throw error }
    return documents
  }
}

/// A tree for comparing.
private indirect enum Tree: Equatable {
  case scalar(String, tag: String?, place: String)
  case sequence([Tree], tag: String?, place: String)
  case mapping([[Tree]], tag: String?, place: String)

  init(_ value: YAMLValue) {
    switch value.content {
    case .scalar(let string): self = .scalar(string, tag: value.tag, place: "\(value.place)")
    case .sequence(let items): self = .sequence(items.map(Tree.init), tag: value.tag, place: "\(value.place)")
    case .mapping(let mapping):
      self = .mapping(mapping.map { [Tree($0.key), Tree($0.value)] }, tag: value.tag, place: "\(value.place)")
    }
  }

  init(_ node: Node) {
    let usual: Set = ["str", "seq", "map"].map { "tag:yaml.org,2002:\($0)" }.reduce(into: [""]) { $0.insert($1) }
    let tag = usual.contains(node.tag.description) ? nil : node.tag.description
    let place = node.mark.map { "\($0.line):\($0.column)" } ?? ""
    switch node {
    case .scalar(let scalar): self = .scalar(scalar.string, tag: tag, place: place)
    case .sequence(let items): self = .sequence(items.map(Tree.init), tag: tag, place: place)
    case .mapping(let mapping): self = .mapping(mapping.map { [Tree($0.key), Tree($0.value)] }, tag: tag, place: place)
    case .alias: self = .scalar("an alias", tag: nil, place: place)
    }
  }
}

/// Texts made of the pieces that YAML is made of. The same seed makes the same.
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  private static let pieces = [
    "a", "b: ", "c: d\n", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", ": ", "'e'", "\"f\\n\"", "&x ", "*x",
    "!t ",
    "# g\n", "|\n", ">-\n", "---\n", "...\n", "? ", "~", "é", "!!str ", "1", "\t",
  ]

  mutating func text() -> String {
    let length = Int.random(in: 1...12, using: &self)
    return (0..<length).map { _ in Self.pieces.randomElement(using: &self) ?? "" }.joined()
  }
}
