package import Crypto

/// A SHA-256 digest as 64 hexadecimal digits.
public struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
  public let hexadecimal: String

  public init(of bytes: [UInt8]) {
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

  public init(of text: String) {
    self.init(of: Array(text.utf8))
  }

  /// A digest in its written form.
  package init(hexadecimal: String) {
    self.hexadecimal = hexadecimal
  }

  public var description: String { hexadecimal }
}
