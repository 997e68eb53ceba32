/// A path as it is on disk: any bytes, in any encoding or none.
package struct DiskPath: Hashable, Sendable {
  package let bytes: [UInt8]

  /// The characters of a path that is text and harmless to a terminal; otherwise nil.
  package var plain: String? {
    guard let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.allSatisfy(\.isHarmless) else {
      return nil
    }
    return text
  }

  /// The path byte for byte, as State stores it.
  package var exact: String { String(exactly: bytes) }

  /// The path for output: unchanged if harmless, otherwise with escapes as in a shell's `$'…'`.
  package var text: String { plain ?? escaped }

  /// The path as one word of a shell.
  package var shellWord: String { plain?.shellQuoted ?? "$'\(escaped)'" }

  private var escaped: String {
    let digits = Array("0123456789ABCDEF".utf8)
    let visible = bytes.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
      case 0x20..<0x7F: [byte]
      default: [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: visible, as: UTF8.self)
  }

}

extension String {
  /// A path in the form of `exactBytes`, for output; see `DiskPath`.
  package var shownPath: String { DiskPath(bytes: exactBytes).text }

  /// The same as one word of a shell.
  package var shellPath: String { DiskPath(bytes: exactBytes).shellWord }
}
