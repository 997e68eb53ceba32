/// A value of a YAML document: every scalar is text, and aliases are expanded.
package struct YAMLValue: Sendable {
  package enum Content: Equatable, Sendable {
    case scalar(String)
    case sequence([YAMLValue])
    case mapping(Mapping)
  }

  /// Pairs in the order of the text.
  package struct Mapping: Sendable, Sequence {
    package typealias Pair = (key: YAMLValue, value: YAMLValue)

    package let pairs: [Pair]

    package init(_ pairs: [Pair] = []) { self.pairs = pairs }

    package var keys: [YAMLValue] { pairs.map(\.key) }

    package subscript(_ key: String) -> YAMLValue? { pairs.first { $0.key.string == key }?.value }

    package func makeIterator() -> IndexingIterator<[Pair]> { pairs.makeIterator() }
  }

  package let content: Content
  /// Such as `!reset`; nil if there is none, or if it only states the obvious.
  package let tag: String?
  /// Where it begins.
  package let place: TextPlace
  /// Whether it is a scalar without quotes.
  package let isPlain: Bool

  /// The characters of a scalar.
  package var string: String? { if case .scalar(let string) = content { string } else { nil } }

  package var sequence: [YAMLValue]? { if case .sequence(let items) = content { items } else { nil } }

  package var mapping: Mapping? { if case .mapping(let mapping) = content { mapping } else { nil } }

  package subscript(_ key: String) -> YAMLValue? { mapping?[key] }
}

extension YAMLValue: Equatable {
  /// Wherever they stand, and however they are written.
  package static func == (left: Self, right: Self) -> Bool {
    left.content == right.content && left.tag == right.tag
  }
}

extension YAMLValue.Mapping: Equatable {
  package static func == (left: Self, right: Self) -> Bool {
    left.pairs.elementsEqual(right.pairs) { $0.key == $1.key && $0.value == $1.value }
  }
}
