package import DioptraModel
internal import DioptraSystem

/// A command line for the history: it can be read and typed again, but shows no secret.
package struct RecordedCommand: Equatable, Sendable {
  /// The arguments without anything that looks like a secret, quoted for a shell where necessary.
  package let text: String

  private static let hidden = "‹hidden›"
  /// Parts of names that suggest a secret value.
  private static let telling = [
    "password", "passwd", "passphrase", "passcode", "secret", "token", "credential", "apikey", "api_key", "access_key",
    "private_key", "kms_key",
  ]

  /// - Parameters:
  ///   - arguments: The program's name and its arguments.
  /// - secrets: Known values; they are hidden everywhere.
  package init(_ arguments: [String], hiding secrets: SecretValues = SecretValues([:])) {
    let mask = SecretMask(secrets)
    var shown: [String] = []
    var isValueNext = false
    for word in arguments {
      shown.append(isValueNext ? Self.hidden : secrets.hidden(in: Self.withoutValue(word), mask))
      isValueNext = !isValueNext && word.hasPrefix("-") && !word.contains("=") && Self.isTelling(word)
    }
    text = shown.map(\.shellWord).joined(separator: " ")
  }

  /// `NAME=VALUE` and `--name=VALUE` without the value if the name suggests a secret, and URLs without the user part.
  private static func withoutValue(_ word: String) -> String {
    if let equals = word.lastIndex(of: "="), equals > word.startIndex {
      // `--set=NAME=VALUE` has the name in the middle, and a value may contain an equals sign too.
      let parts = word.split(separator: "=", omittingEmptySubsequences: false)
      for count in 1..<parts.count where isTelling(String(parts[count - 1])) {
        return parts[..<count].joined(separator: "=") + "=" + hidden
      }
      for count in 1..<parts.count where parts[count - 1].lowercased().hasSuffix("proxy") {
        let names = parts[..<count].joined(separator: "=")
        return names + "=" + ProxyAddress.shown(parts[count...].joined(separator: "="))
      }
    }
    return word.replacing(#/(:\/\/)[^\/@\s]+@/#) { "\($0.1)\(hidden)@" }
  }

  private static func isTelling(_ name: String) -> Bool {
    let name = name.lowercased().replacing("-", with: "_")
    // A file's path is not a secret.
    guard !name.hasSuffix("_file"), !name.hasSuffix("_path"), !name.hasPrefix("__no_") else { return false }
    return telling.contains { name.contains($0) }
  }
}

extension SecretValues {
  /// Masks an argument. A short value is hidden if it is the whole argument, or everything after an equals sign.
  fileprivate func hidden(in word: String, _ mask: SecretMask) -> String {
    let text = mask.masked(word)
    let equals = text.firstIndex(of: "=").map { text.index(after: $0) } ?? text.startIndex
    for start in Set([text.startIndex, equals]) {
      let end = String(text[start...])
      if end.utf8.count >= 4, let name = name(of: end) { return text[..<start] + "‹\(name)›" }
    }
    return text
  }
}
