internal import DioptraModel
internal import DioptraSystem

/// Writes a YAML tree in block style, indented by two spaces at each level, including lists.
struct YAMLEmitter {
  private(set) var text = Text("")
  /// The owner of the current entries; nil for the file's own component.
  private var owner: ComponentID?

  mutating func emit(_ entries: [YAMLNode.Entry], indent: Int = 0) {
    let margin = String(repeating: " ", count: indent)
    for (index, entry) in entries.enumerated() {
      if let owner = entry.owner { self.owner = owner }
      if entry.isSpaced, index > 0 || indent == 0, !text.isEmpty { write("\n") }
      for line in entry.comment { write(line.isEmpty ? "\(margin)#\n" : "\(margin)# \(line)\n") }
      write(margin)
      write(entry.key.plainOrQuoted())
      write(":")
      emitValue(entry.value, indent: indent)
    }
  }

  private mutating func write(_ characters: String) { text.append(characters, of: owner) }

  private mutating func write(_ more: Text) {
    for segment in more.segments {
      text.append(Text.Segment(segment.content, of: segment.component ?? owner, at: segment.place))
    }
  }

  private mutating func emitValue(_ node: YAMLNode, indent: Int) {
    switch node {
    case .map(let entries) where !entries.isEmpty:
      write("\n")
      emit(entries, indent: indent + 2)
    case .list(let items) where !items.isEmpty:
      write("\n")
      let margin = String(repeating: " ", count: indent + 2)
      for item in items {
        write("\(margin)- ")
        write(block(item, margin: margin + "  ") ?? inline(item))
        write("\n")
      }
    default:
      write(" ")
      write(inline(node))
      write("\n")
    }
  }

  /// A string of several lines, as they are; nil for every other node.
  private func block(_ node: YAMLNode, margin: String) -> Text? {
    guard case .string(let text) = node else { return nil }
    let value = text.visible
    guard value.first?.isASCIIAlphanumeric == true, value.unicodeScalars.contains("\n"),
      value.unicodeScalars.last != "\n",
      value.unicodeScalars.allSatisfy({ $0 == "\n" || YAMLScalar.isPrintable($0) })
    else { return nil }
    let lines = value.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.allSatisfy({ $0.isEmpty || $0.contains { $0 != " " } }) else { return nil }
    return "|-\n\(text.indented(by: margin))"
  }

  private func inline(_ node: YAMLNode) -> Text {
    switch node {
    case .string(let value): value.plainOrQuoted()
    case .quoted(let value): value.doubleQuoted
    case .literal(let value): Text(value)
    case .flow(let items): "[\(items.map { $0.plainOrQuoted(inFlow: true) }.joined(separator: ", "))]"
    case .list: "[]"
    case .map: "{}"
    }
  }
}

extension Text {
  fileprivate func plainOrQuoted(inFlow: Bool = false) -> Text {
    YAMLScalar.isPlain(visible, inFlow: inFlow) ? self : doubleQuoted
  }

  fileprivate var doubleQuoted: Text { "\"\(mapCharacters(YAMLScalar.escaped))\"" }

  /// With a margin before each line that is not empty.
  fileprivate func indented(by margin: String) -> Text {
    var result = Text("")
    var isLineStart = true
    for segment in segments {
      let lines = (segment.characters ?? "s").unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        if index > 0 {
          result.append("\n", of: segment.component)
          isLineStart = true
        }
        guard !line.isEmpty else { continue }
        if isLineStart { result.append(margin, of: segment.component) }
        isLineStart = false
        result.append(segment.with(String(line)))
      }
    }
    return result
  }
}
