extension EnvironmentParser.Statement {
  /// The value that Compose gives to the name.
  ///
  /// - Throws: `EnvironmentFault` if it keeps Compose from reading the file.
  func value(
    _ interpolation: inout EnvironmentInterpolation
  ) throws(EnvironmentFault) -> Result<String, EnvironmentFault> {
    let bytes: [UInt8]
    switch form {
    case .inherited:
      return .failure(
        EnvironmentFault(
          line, "\(name) has no value of its own, and takes that of whoever calls Compose",
          remedy: "Give it a value, or remove the line"))
    case .unquoted: bytes = try interpolation.expanded(content)
    case .single(let isEscaped):
      guard !isEscaped else {
        return .failure(
          EnvironmentFault(
            line, "versions of Compose read \\' between single quotes differently",
            remedy: "Write the value between double quotes, with \\$ for each $"))
      }
      bytes = Array(content)
    case .double:
      guard let unescaped = Self.unescaped(content) else {
        return .failure(
          EnvironmentFault(line, "\\0 is followed by something else than an octal number of three digits"))
      }
      bytes = try interpolation.expanded(unescaped[...])
    }
    if let doubt = interpolation.doubt { return .failure(doubt) }
    if case .unquoted = form, [UInt8].wideBlanks.contains(where: { content.suffix($0.count).elementsEqual($0) }) {
      return .failure(EnvironmentFault(line, "versions of Compose do not agree on the blank at its end"))
    }
    guard let value = String(validating: bytes, as: UTF8.self) else {
      return .failure(EnvironmentFault(line, "its value is not UTF-8 text", remedy: "save it as UTF-8"))
    }
    guard !bytes.contains(0) else {
      return .failure(EnvironmentFault(line, "its value has a zero byte", remedy: "remove the byte"))
    }
    return .success(value)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
    UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\""): UInt8(ascii: "\""),
    UInt8(ascii: "\\"): UInt8(ascii: "\\"),
  ]

  /// The bytes in double quotes without escapes; a literal dollar sign is left doubled. nil for an invalid octal
  /// number.
  private static func unescaped(_ content: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var rest = content
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let next = rest.first else {
        result.append(byte)
        continue
      }
      if let meant = escapes[next] {
        rest.removeFirst()
        result.append(meant)
      } else if next == .dollar {
        rest.removeFirst()
        result += [.dollar, .dollar]
      } else if next == UInt8(ascii: "0") {
        let digits = rest.dropFirst().prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }),
          let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
        else { return nil }
        result += String(Character(Unicode.Scalar(code))).utf8
        rest = rest.dropFirst(4)
      } else {
        result.append(byte)
      }
    }
    return result
  }
}
