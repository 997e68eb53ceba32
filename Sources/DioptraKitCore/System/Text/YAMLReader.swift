internal import CLibYAML

/// Reads the documents of a text one after another, with libyaml's parser.
final class YAMLReader {
  /// Constructs that could make a reader run for ever; refused where they are not needed.
  struct Limits {
    var allowsAliases = true
    var allowsOtherKeysThanScalars = true
  }

  private enum Event {
    case scalar(YAMLValue, anchor: String?)
    case alias(String)
    case sequence(Start)
    case mapping(Start)
    /// Of a sequence, a mapping or a document.
    case end
    case streamEnd
    case other
  }

  private struct Start {
    let tag: String?
    let anchor: String?
    let place: TextPlace
  }

  private let limits: Limits
  private let input: UnsafeMutableBufferPointer<UInt8>
  /// libyaml keeps the parser's address in it.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private var anchors: [String: YAMLValue] = [:]
  /// Where the last event began.
  private var place = TextPlace(line: 1, column: 1)
  /// Where the last document began.
  private(set) var lastStart = TextPlace(line: 1, column: 1)

  init(_ text: String, _ limits: Limits = Limits()) throws(YAMLText.Fault) {
    self.limits = limits
    input = .allocate(capacity: text.utf8.count)
    _ = input.initialize(from: text.utf8)
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else { throw YAMLText.Fault(problem: "it cannot be read", place: nil) }
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    _ = try next()
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The next document; nil after the last one.
  func document() throws(YAMLText.Fault) -> YAMLValue? {
    guard parser.pointee.stream_end_produced == 0 else { return nil }
    if case .streamEnd = try next() { return nil }
    lastStart = place
    let value = try value(of: try next())
    _ = try next()
    return value
  }

  /// The value that begins with an event; nil for the end of its container.
  private func value(of event: Event) throws(YAMLText.Fault) -> YAMLValue? {
    switch event {
    case .scalar(let scalar, let anchor): return register(scalar, anchor)
    case .alias(let name):
      guard limits.allowsAliases else { throw fault("it has an alias, `*name`, where values are written out") }
      guard let value = anchors[name] else { throw fault("found undefined alias") }
      return value
    case .sequence(let start):
      var items: [YAMLValue] = []
      while let item = try value(of: try next()) { items.append(item) }
      return register(
        YAMLValue(content: .sequence(items), tag: start.tag, place: start.place, isPlain: false), start.anchor)
    case .mapping(let start):
      let mapping = YAMLValue.Mapping(try pairs())
      return register(
        YAMLValue(content: .mapping(mapping), tag: start.tag, place: start.place, isPlain: false), start.anchor)
    case .end, .streamEnd, .other: return nil
    }
  }

  private func pairs() throws(YAMLText.Fault) -> [YAMLValue.Mapping.Pair] {
    var pairs: [YAMLValue.Mapping.Pair] = []
    var names: Set<String> = []
    while true {
      let event = try next()
      switch event {
      case .scalar, .end: break
      default: if !limits.allowsOtherKeysThanScalars { throw fault("it has a name that is no plain word") }
      }
      guard let key = try value(of: event) else { break }
      guard let value = try value(of: try next()) else { break }
      if let name = key.string, !names.insert(name).inserted {
        let first = pairs.first { $0.key.string == name }?.key.place.line ?? 1
        throw YAMLText.Fault(
          problem: "\(name.quoted) stands there twice, first on line \(first)", place: key.place)
      }
      pairs.append((key, value))
    }
    return pairs
  }

  private func register(_ value: YAMLValue, _ anchor: String?) -> YAMLValue {
    if let anchor { anchors[anchor] = value }
    return value
  }

  /// A fault at the start of the last event.
  private func fault(_ problem: String) -> YAMLText.Fault { YAMLText.Fault(problem: problem, place: place) }

  // MARK: libyaml

  private func next() throws(YAMLText.Fault) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { yaml_event_delete(&event) }
    place = TextPlace(event.start_mark)
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let characters = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let value = YAMLValue(
        content: .scalar(String(decoding: characters, as: UTF8.self)),
        tag: scalar.quoted_implicit == 1 ? nil : Self.tag(scalar.tag), place: place,
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      return .scalar(value, anchor: Self.string(scalar.anchor))
    case YAML_ALIAS_EVENT: return .alias(Self.string(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return .sequence(Start(tag: Self.tag(start.tag), anchor: Self.string(start.anchor), place: place))
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return .mapping(Start(tag: Self.tag(start.tag), anchor: Self.string(start.anchor), place: place))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT, YAML_DOCUMENT_END_EVENT: return .end
    case YAML_STREAM_END_EVENT: return .streamEnd
    default: return .other
    }
  }

  /// Why the parser stopped.
  private var failure: YAMLText.Fault {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "it is no YAML"
    let place: TextPlace? =
      switch state.error {
      case YAML_SCANNER_ERROR, YAML_PARSER_ERROR: TextPlace(state.problem_mark)
      case YAML_READER_ERROR: TextPlace(of: state.problem_offset, in: input)
      default: nil
      }
    return YAMLText.Fault(problem: problem, place: place)
  }

  private static func string(_ characters: UnsafePointer<UInt8>?) -> String? {
    characters.map { String(cString: $0) }
  }

  /// A tag that only states what every reader would assume anyway is ignored.
  private static func tag(_ characters: UnsafePointer<UInt8>?) -> String? {
    let usual = ["!"] + ["str", "seq", "map"].map { "tag:yaml.org,2002:" + $0 }
    return string(characters).flatMap { usual.contains($0) ? nil : $0 }
  }
}

extension TextPlace {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }
}
