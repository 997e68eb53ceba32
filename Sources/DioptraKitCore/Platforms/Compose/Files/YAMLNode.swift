package import DioptraModel
internal import DioptraSystem

/// YAML as a tree whose order, comments and blank lines are meant for people.
package indirect enum YAMLNode {
  /// A plain scalar where that reads back as the same string; quoted elsewhere.
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
    /// Stands above the entry, a line each.
    package var comment: [String] = []
    /// Keeps a blank line above the entry.
    var isSpaced = false
    /// The component that the entry and what follows belongs to.
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
