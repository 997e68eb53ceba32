/// A place in a text, as compilers write it: line and column from 1 on, columns in characters of Unicode.
package struct TextPlace: Comparable, Sendable, CustomStringConvertible {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The place of a byte.
  package init(of offset: Int, in text: some Collection<UInt8>) {
    let before = text.prefix(offset)
    line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let lineStart = before.reversed().prefix { $0 != UInt8(ascii: "\n") }
    // Only the first byte of a character is no continuation.
    column = lineStart.count { $0 & 0xC0 != 0x80 } + 1
  }

  package var description: String { "\(line):\(column)" }

  package static func < (left: Self, right: Self) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}
