/// Takes the values of secrets out of text that is shown, in any version and however they are encoded for URLs.
struct SecretMask {
  /// Longer values before those that may be a part of them.
  private let secrets: [(name: String, value: [UInt8])]
  /// The bytes that some value begins with, for a quick look.
  private let beginnings: Set<UInt8>

  init(_ secrets: DriftSecrets) {
    self.secrets = secrets.named.filter { $0.value.utf8.count >= Self.shortest }
      .map { reference, value in
        let isNewest = secrets.newest[reference.name] == reference.version
        let name = isNewest ? "\(reference.name)" : "\(reference.name), version \(reference.version)"
        return (name, Array(value.utf8))
      }
      .sorted { ($0.value.count, $0.name) > ($1.value.count, $1.name) }
    beginnings = Set(self.secrets.compactMap(\.value.first)).union([UInt8(ascii: "%")])
  }

  /// Shorter values would make holes in any text.
  private static let shortest = 8

  /// The text with `‹name›` for each secret.
  func masked(_ text: some StringProtocol) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var position = 0
    while position < bytes.count {
      if beginnings.contains(bytes[position]), let match = match(bytes, at: position) {
        result += "‹\(match.name)›".utf8
        position = match.end
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private func match(_ bytes: [UInt8], at start: Int) -> (name: String, end: Int)? {
    for secret in secrets {
      var isEncoded = false
      var position = start
      let isWhole = secret.value.allSatisfy { wanted in
        guard position < bytes.count else { return false }
        if bytes[position] == wanted {
          position += 1
          return true
        }
        guard bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count,
          let value = UInt8(String(decoding: bytes[(position + 1)...(position + 2)], as: UTF8.self), radix: 16),
          value == wanted
        else { return false }
        isEncoded = true
        position += 3
        return true
      }
      if isWhole { return (secret.name + (isEncoded ? ", encoded" : ""), position) }
    }
    return nil
  }
}
