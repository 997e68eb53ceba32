internal import DioptraModel
internal import DioptraSystem

/// Writes a YAML tree in block style, two blanks deeper for each level, lists too.
struct YAMLEmitter {
  private(set) var text = ""

  mutating func emit(_ entries: [YAMLNode.Entry], indent: Int = 0) {
    let margin = String(repeating: " ", count: indent)
    for (index, entry) in entries.enumerated() {
      if let owner = entry.owner { text += MarkedText.owner(owner) }
      if entry.isSpaced, index > 0 || indent == 0, !text.isEmpty { text += "\n" }
      for line in entry.comment { text += line.isEmpty ? "\(margin)#\n" : "\(margin)# \(line)\n" }
      text += "\(margin)\(YAMLScalar.plainOrQuoted(entry.key)):"
      emitValue(entry.value, indent: indent)
    }
  }

  private mutating func emitValue(_ node: YAMLNode, indent: Int) {
    switch node {
    case .map(let entries) where !entries.isEmpty:
      text += "\n"
      emit(entries, indent: indent + 2)
    case .list(let items) where !items.isEmpty:
      text += "\n"
      let margin = String(repeating: " ", count: indent + 2)
      for item in items { text += "\(margin)- \(block(item, margin: margin + "  ") ?? inline(item))\n" }
    default: text += " \(inline(node))\n"
    }
  }

  /// A string of several lines, as they are; nil for every other node.
  private func block(_ node: YAMLNode, margin: String) -> String? {
    guard case .string(let value) = node, value.first?.isASCIIAlphanumeric == true,
      value.unicodeScalars.contains("\n"), value.unicodeScalars.last != "\n",
      value.unicodeScalars.allSatisfy({ $0 == "\n" || YAMLScalar.isPrintable($0) })
    else { return nil }
    let lines = value.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.allSatisfy({ $0.isEmpty || $0.contains { $0 != " " } }) else { return nil }
    return "|-\n" + lines.map { $0.isEmpty ? $0 : margin + $0 }.joined(separator: "\n")
  }

  private func inline(_ node: YAMLNode) -> String {
    switch node {
    case .string(let value): YAMLScalar.plainOrQuoted(value)
    case .quoted(let value): YAMLScalar.doubleQuoted(value)
    case .literal(let value): value
    case .flow(let items): "[" + items.map { YAMLScalar.plainOrQuoted($0, inFlow: true) }.joined(separator: ", ") + "]"
    case .list: "[]"
    case .map: "{}"
    }
  }
}
