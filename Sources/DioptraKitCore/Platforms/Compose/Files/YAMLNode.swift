package import DioptraModel
internal import DioptraSystem

/// YAML as a tree with order, comments and blank lines.
package indirect enum YAMLNode {
  /// A plain scalar if that reads back as the same string; otherwise quoted.
  case string(Text)
  /// A string that is always quoted, so that a list of its kind looks alike.
  case quoted(Text)
  /// A scalar of another type, written as it is.
  case literal(String)
  case list([YAMLNode])
  /// A list on one line.
  case flow([Text])
  case map([Entry])

  package struct Entry {
    package var key: Text
    package var value: YAMLNode
    /// The comment above the entry, one string per line.
    package var comment: [String] = []
    /// Whether there is a blank line above the entry.
    var isSpaced = false
    /// The component that owns the entry and its content.
    package var owner: ComponentID?
  }

  /// Whether nothing would be written.
  package var isEmpty: Bool {
    switch self {
    case .list(let items): items.isEmpty
    case .flow(let items): items.isEmpty
    case .map(let entries): entries.isEmpty
    case .string, .quoted, .literal: false
    }
  }
}

extension YAMLNode.Entry {
  package init(
    _ key: String, _ value: YAMLNode, comment: String? = nil, isSpaced: Bool = false, owner: ComponentID? = nil
  ) {
    self.init(key: Text(key), value: value, comment: comment.map { [$0] } ?? [], isSpaced: isSpaced, owner: owner)
  }
}
