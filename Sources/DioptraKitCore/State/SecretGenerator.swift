internal import DioptraModel
internal import DioptraSystem
internal import FoundationEssentials

extension Secret.Form {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

  /// A new value from the system's cryptographic generator.
  func newValue() -> String {
    var generator = SystemRandomNumberGenerator()
    switch self {
    case .password(let length):
      // Nearly 6 bits per character: 26 characters have more than 128 bits.
      precondition((26...40).contains(length), "a password has 26 to 40 characters")
      return String((0..<length).map { _ in Self.alphabet[Int.random(in: Self.alphabet.indices, using: &generator)] })
    case .key(let count):
      return Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).base64EncodedString()
    }
  }
}
