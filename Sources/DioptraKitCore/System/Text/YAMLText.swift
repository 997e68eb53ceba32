internal import CYaml
package import Yams

/// YAML of somebody's, read as a tree in which every value is text.
///
/// What could keep the reader busy without an end is refused before the tree is made: keys that are no plain words, and
/// where nobody needs them aliases, of which a few lines can stand for more than any memory holds.
package enum YAMLText {
  package struct Fault: Error, Equatable {
    /// What is wrong, such as "found character that cannot start any token".
    package let problem: String
    /// From 1 on; nil where it is not known.
    package let line: Int?

    /// With the line, where it is known.
    package var words: String { problem + (line.map { " on line \($0)" } ?? "") }
  }

  /// The tree of the only document; nil for a text without any.
  package static func tree(of text: String, allowsAliases: Bool) throws(Fault) -> Node? {
    // Yams takes the mark at the beginning for a character of the first line.
    let text = text.withoutByteOrderMark
    try check(text, allowsAliases: allowsAliases)
    do {
      return try Yams.compose(yaml: text, .basic)
    } catch let error as YamlError {
      throw Fault(error)
    } catch {
      throw Fault(problem: "it is no YAML", line: nil)
    }
  }

  /// Whether a text is one document of YAML.
  package static func isValid(_ text: String) -> Bool {
    do {
      _ = try tree(of: text, allowsAliases: true)
      return true
    } catch {
      return false
    }
  }

  /// What a parser has begun and not ended.
  private enum Level {
    case sequence
    case mapping(isKeyNext: Bool)
  }

  /// Goes through the text's events, of which there are no more than it has characters.
  private static func check(_ text: String, allowsAliases: Bool) throws(Fault) {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { throw Fault(problem: "it cannot be read", line: nil) }
    defer { yaml_parser_delete(&parser) }
    let bytes = Array(text.utf8)
    let fault = bytes.withUnsafeBufferPointer { buffer -> Fault? in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      var levels: [Level] = []
      while true {
        var event = yaml_event_t()
        // What is wrong is told by the reader that makes the tree.
        guard yaml_parser_parse(&parser, &event) == 1 else { return nil }
        defer { yaml_event_delete(&event) }
        let line = Int(event.start_mark.line) + 1
        if case .mapping(true)? = levels.last, event.type != YAML_MAPPING_END_EVENT, event.type != YAML_SCALAR_EVENT {
          return Fault(problem: "it has a name that is no plain word", line: line)
        }
        switch event.type {
        case YAML_ALIAS_EVENT where !allowsAliases:
          return Fault(problem: "it has an alias, `*name`, where values are written out", line: line)
        case YAML_MAPPING_START_EVENT: levels.append(.mapping(isKeyNext: true))
        case YAML_SEQUENCE_START_EVENT: levels.append(.sequence)
        case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT:
          levels.removeLast()
          valueEnds(&levels)
        case YAML_SCALAR_EVENT:
          if case .mapping(true)? = levels.last {
            levels[levels.count - 1] = .mapping(isKeyNext: false)
          } else {
            valueEnds(&levels)
          }
        case YAML_ALIAS_EVENT: valueEnds(&levels)
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return nil
        default: break
        }
      }
    }
    if let fault { throw fault }
  }

  private static func valueEnds(_ levels: inout [Level]) {
    if case .mapping? = levels.last { levels[levels.count - 1] = .mapping(isKeyNext: true) }
  }
}

extension YAMLText.Fault {
  fileprivate init(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(problem: problem, line: mark.line)
    case .duplicatedKeysInMapping(let duplicates, _):
      self.init(problem: "\(duplicates.sorted().map(\.quoted).joined(separator: ", ")) stands there twice", line: nil)
    case .reader(let problem, _, _, _): self.init(problem: problem, line: nil)
    default: self.init(problem: "it is no YAML", line: nil)
    }
  }
}

extension String {
  /// U+FEFF, which editors on Windows put before the first character of a file.
  package static let byteOrderMark = "\u{FEFF}"

  package var hasByteOrderMark: Bool { utf8.starts(with: Self.byteOrderMark.utf8) }

  /// The text without the mark at its beginning.
  package var withoutByteOrderMark: String {
    hasByteOrderMark ? String(Substring(utf8.dropFirst(Self.byteOrderMark.utf8.count))) : self
  }
}
