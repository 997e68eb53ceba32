package import Crypto

/// A SHA-256 digest as 64 hexadecimal digits.
public struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 64 digits, lower-case.
  public let hexadecimal: String

  /// The digest of some bytes.
  package init(of bytes: [UInt8]) {
    self.init(SHA256.hash(data: bytes))
  }

  package init(_ hash: SHA256Digest) {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in hash {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    hexadecimal = String(decoding: text, as: UTF8.self)
  }

  /// The digest of a text's UTF-8 bytes.
  package init(of text: String) {
    self.init(of: Array(text.utf8))
  }

  /// A digest in its written form.
  package init(hexadecimal: String) {
    self.hexadecimal = hexadecimal
  }

  /// The same as `hexadecimal`.
  public var description: String { hexadecimal }
}
