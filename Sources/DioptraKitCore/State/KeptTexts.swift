package import DioptraModel
package import DioptraSystem

extension State {
  /// Stores a text like a secret, and returns a text that only refers to it. Binary content is stored as base64.
  package func keepText(_ text: StoredText, secrets: SecretValues, now: Timestamp) throws -> StoredText {
    let value = try text.base64 ?? String(exactly: text.bytes(secrets: secrets))
    let reference = try database.transaction {
      let known = try database.first(
        "SELECT name, version FROM secret WHERE value = ? AND name LIKE ? || '%' ORDER BY name LIMIT 1",
        [.text(value), .text(SecretName.keptTextPrefix)]
      ) { row in SecretReference(name: try row["name"], version: try row["version"]) }
      if let known { return known }
      // A name derived from the text could be used to guess it.
      var generator = SystemRandomNumberGenerator()
      let number = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
      return try addVersion(of: SecretName(SecretName.keptTextPrefix + number), value: value, now: now)
    }
    return text.referring(to: reference)
  }
}
