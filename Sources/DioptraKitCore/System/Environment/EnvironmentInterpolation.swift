/// Replaces `$NAME`, `${NAME}` and their longer forms by values, as Compose does.
package struct EnvironmentInterpolation {
  /// A reference in a text.
  package struct Reference: Equatable {
    package let name: String
    /// Whether the text itself gives a default or an error for an unset name.
    package let hasDefault: Bool
  }

  private let known: [String: Result<String, EnvironmentFault>]
  private let line: Int
  /// Unset names without a default.
  package private(set) var blanks: [String] = []
  /// Why the text has no value that is the same everywhere.
  private(set) var doubt: EnvironmentFault?
  /// All references in order, including those inside defaults.
  package private(set) var references: [Reference] = []
  private let mayBeMissing: Bool

  /// - Parameters:
  /// - known: The values of names.
  /// - line: The line of the text.
  package init(known: [String: Result<String, EnvironmentFault>], line: Int) {
    self.known = known
    self.line = line
    mayBeMissing = false
  }

  /// The references in a text outside an environment file; empty for one that Compose cannot read.
  package static func references(in text: String) -> [Reference] {
    guard text.utf8.contains(.dollar) else { return [] }
    var interpolation = EnvironmentInterpolation()
    guard (try? interpolation.expanded(Array(text.utf8)[...])) != nil else { return [] }
    return interpolation.references
  }

  private init() {
    known = [:]
    line = 0
    mayBeMissing = true
  }

  /// - Throws: `EnvironmentFault` if Compose cannot read the text.
  mutating func expanded(_ bytes: ArraySlice<UInt8>) throws(EnvironmentFault) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      guard byte == .dollar else {
        result.append(byte)
        continue
      }
      switch rest.first {
      case .dollar?:
        rest.removeFirst()
        result.append(.dollar)
      case UInt8(ascii: "{")?:
        rest.removeFirst()
        result += try braced(&rest)
      default:
        let name = Self.name(&rest)
        try refuseFolding(rest)
        // A dollar sign before anything else is literal.
        guard !name.isEmpty else {
          result.append(.dollar)
          continue
        }
        references.append(Reference(name: name, hasDefault: false))
        result += value(of: name).map { Array($0.utf8) } ?? blank(name)
      }
    }
    return result
  }

  // MARK: In braces

  /// What follows the opening brace, which is consumed.
  private mutating func braced(_ rest: inout ArraySlice<UInt8>) throws(EnvironmentFault) -> [UInt8] {
    let name = Self.name(&rest)
    try refuseFolding(rest)
    guard !name.isEmpty else { throw unreadable }
    if rest.first == .closingBrace {
      rest.removeFirst()
      references.append(Reference(name: name, hasDefault: false))
      return value(of: name).map { Array($0.utf8) } ?? blank(name)
    }
    let takesEmpty = rest.first == UInt8(ascii: ":")
    if takesEmpty { rest.removeFirst() }
    guard let sign = rest.popFirst(), "-+?".utf8.contains(sign) else { throw unreadable }
    let word = try word(&rest)
    let isMessage = sign == UInt8(ascii: "?")
    references.append(Reference(name: name, hasDefault: !isMessage))
    let found = value(of: name)
    let isSet = found.map { !takesEmpty || !$0.isEmpty } ?? false
    // An unused default is still checked for errors.
    let blanksBefore = blanks.count
    let replacement = try expanded(word)
    let isUsed = sign == UInt8(ascii: "+") ? isSet : !isSet
    if !isUsed { blanks.removeLast(blanks.count - blanksBefore) }
    switch sign {
    case UInt8(ascii: "-"): return isSet ? Array((found ?? "").utf8) : replacement
    case UInt8(ascii: "+"): return isSet ? replacement : Array((found ?? "").utf8)
    default:
      guard isSet || mayBeMissing else {
        throw EnvironmentFault(
          line, "it asks for \(name), which nothing sets before it", remedy: "Set \(name) above that line")
      }
      return Array((found ?? "").utf8)
    }
  }

  /// What precedes the closing brace, which is consumed, too.
  private func word(_ rest: inout ArraySlice<UInt8>) throws(EnvironmentFault) -> ArraySlice<UInt8> {
    let start = rest.startIndex
    var depth = 1
    var index = start
    while index < rest.endIndex {
      switch rest[index] {
      case .newline: throw unreadable
      case .closingBrace:
        depth -= 1
        if depth == 0 {
          let word = rest[start..<index]
          rest = rest[(index + 1)...]
          return word
        }
      case .dollar where index + 1 < rest.endIndex && rest[index + 1] == UInt8(ascii: "{"):
        depth += 1
        index += 1
      case UInt8(ascii: "{"):
        throw EnvironmentFault(line, "versions of Compose do not agree on a { inside ${…}")
      default: break
      }
      index += 1
    }
    throw unreadable
  }

  // MARK: Names

  private static func name(_ rest: inout ArraySlice<UInt8>) -> String {
    let name = rest.prefix { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") }
    guard let first = name.first, first.isLetter || first == UInt8(ascii: "_") else { return "" }
    rest = rest.dropFirst(name.count)
    return String(decoding: name, as: UTF8.self)
  }

  /// Compose treats two characters as ASCII letters: the long s, and the kelvin sign.
  private func refuseFolding(_ rest: ArraySlice<UInt8>) throws(EnvironmentFault) {
    if rest.starts(with: [0xC5, 0xBF]) || rest.starts(with: [0xE2, 0x84, 0xAA]) { throw unreadable }
  }

  private mutating func value(of name: String) -> String? {
    if Self.isCallers(name), !mayBeMissing {
      doubt = doubt ?? EnvironmentFault(line, "what $\(name) is depends on who calls Compose")
      return nil
    }
    switch known[name] {
    case nil: return nil
    case .success(let value)?: return value
    case .failure(let fault)?:
      doubt = doubt ?? EnvironmentFault(line, "it refers to line \(fault.line), where \(fault.reason)")
      return nil
    }
  }

  /// Names that every environment sets: there they take precedence over the file.
  package static func isCallers(_ name: String) -> Bool {
    ["HOME", "PATH", "PWD", "OLDPWD", "USER", "LOGNAME", "SHELL", "SHLVL", "TERM", "LANG", "HOSTNAME", "TMPDIR", "_"]
      .contains(name) || ["COMPOSE_", "DOCKER_", "LC_", "SUDO_", "XDG_"].contains(where: name.hasPrefix)
  }

  private mutating func blank(_ name: String) -> [UInt8] {
    blanks.append(name)
    return []
  }

  private var unreadable: EnvironmentFault {
    EnvironmentFault(
      line, "Compose cannot read what follows a $ there",
      remedy: "Write the value in single quotes, or $$ for a $ that is one")
  }
}

extension UInt8 {
  static let dollar = UInt8(ascii: "$")
  fileprivate static let closingBrace = UInt8(ascii: "}")
}
