internal import DioptraSystem

/// Removes the values of secrets from output: in any version, plain or in any form that programs commonly use. The one
/// rule for everything that leaves the program.
package struct SecretMask: Sendable {
  private struct Secret {
    let name: String
    let value: [UInt8]
  }

  /// Bytes that represent a secret and nothing else.
  private struct Form {
    let name: String
    let bytes: [UInt8]
    /// Whether the digit before or after also reveals part of the secret.
    let touches: (before: Bool, after: Bool)
    let isHexadecimal: Bool
  }

  /// By first byte; longer values first, since others may be part of them.
  private var secrets: [[Secret]] = Array(repeating: [], count: 256)
  private var forms: [[Form]] = Array(repeating: [], count: 256)

  /// Shorter values would make holes in any text.
  package static let shortest = 6

  /// Texts that are stored like secrets are not included: their lines are shown or hidden one by one.
  package init(_ values: SecretValues) {
    let named = values.values.filter {
      !$0.key.name.rawValue.hasPrefix(SecretName.keptTextPrefix) && $0.value.utf8.count >= Self.shortest
    }
    let newest = named.keys.reduce(into: [SecretName: Int]()) { $0[$1.name] = max($0[$1.name] ?? 0, $1.version) }
    let ordered = named.map { reference, value in
      let isNewest = newest[reference.name] == reference.version
      return Secret(
        name: isNewest ? "\(reference.name)" : "\(reference.name), version \(reference.version)",
        value: Array(value.utf8))
    }
    for secret in ordered.sorted(by: { ($0.value.count, $0.name) > ($1.value.count, $1.name) }) {
      for byte in Set(secret.value.prefix(1) + "%\\".utf8 + (secret.value[0] == 0x20 ? [UInt8(ascii: "+")] : [])) {
        secrets[Int(byte)].append(secret)
      }
      for form in Self.encoded(secret) {
        for byte in Set([form.bytes[0], form.isHexadecimal ? form.bytes[0].uppercased : form.bytes[0]]) {
          forms[Int(byte)].append(form)
        }
      }
    }
  }

  /// The text with `‹name›` for each secret.
  package func masked(_ text: some StringProtocol) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      let first = Int(bytes[position])
      if let match = secrets[first].isEmpty ? nil : match(bytes, at: position, secrets[first]) {
        result += "‹\(match.name)›".utf8
        position = match.end
      } else if let match = forms[first].isEmpty ? nil : form(bytes, at: position, forms[first]) {
        if match.form.touches.before, result.last?.isBase64Digit == true { result.removeLast() }
        result += "‹\(match.form.name), encoded›".utf8
        position = match.end
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  // MARK: Digits

  /// Base64 in both alphabets, at any offset in the encoded bytes, and hexadecimal digits.
  private static func encoded(_ secret: Secret) -> [Form] {
    var forms: [Form] = []
    for shift in 0..<3 {
      let digits = (Array(repeating: 0, count: shift) + secret.value).base64Digits
      let bits = (shift + secret.value.count) * 8
      // Digits that also depend on neighbouring bytes are left out.
      let own = digits[(shift == 0 ? 0 : shift + 1)..<(bits / 6)]
      let touches = (before: shift > 0, after: bits % 6 != 0)
      let plain = Form(name: secret.name, bytes: Array(own), touches: touches, isHexadecimal: false)
      forms.append(plain)
      let web = own.map {
        $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
      }
      if web != plain.bytes {
        forms.append(Form(name: secret.name, bytes: web, touches: touches, isHexadecimal: false))
      }
    }
    let hexadecimal = secret.value.flatMap { [($0 >> 4).hexadecimalDigit, ($0 & 15).hexadecimalDigit] }
    return forms + [Form(name: secret.name, bytes: hexadecimal, touches: (false, false), isHexadecimal: true)]
  }

  private func form(_ bytes: [UInt8], at start: Int, _ forms: [Form]) -> (form: Form, end: Int)? {
    for form in forms where start + form.bytes.count <= bytes.count {
      let isWhole = form.bytes.indices.allSatisfy { index in
        let byte = bytes[start + index]
        return byte == form.bytes[index] || (form.isHexadecimal && byte == form.bytes[index].uppercased)
      }
      guard isWhole else { continue }
      var end = start + form.bytes.count
      if form.touches.after, end < bytes.count, bytes[end].isBase64Digit { end += 1 }
      return (form, end)
    }
    return nil
  }

  // MARK: Escapes

  private func match(_ bytes: [UInt8], at start: Int, _ secrets: [Secret]) -> (name: String, end: Int)? {
    for secret in secrets {
      guard let end = Self.end(of: secret.value[...], in: bytes, from: start) else { continue }
      let isPlain = end - start == secret.value.count && bytes[start..<end].elementsEqual(secret.value)
      return (secret.name + (isPlain ? "" : ", encoded"), end)
    }
    return nil
  }

  /// The end of a value that begins at a position, each of its bytes in any form.
  private static func end(of value: ArraySlice<UInt8>, in bytes: [UInt8], from start: Int) -> Int? {
    var value = value
    var start = start
    while let wanted = value.first {
      let readings = SecretMask.readings(of: wanted, value, bytes, at: start)
      guard readings.count <= 1 else {
        // Such as a backslash, which may be literal or begin an escape.
        for reading in readings {
          if let end = end(of: value.dropFirst(reading.taken), in: bytes, from: start + reading.length) { return end }
        }
        return nil
      }
      guard let reading = readings.first else { return nil }
      value = value.dropFirst(reading.taken)
      start += reading.length
    }
    return start
  }

  private typealias Reading = (length: Int, taken: Int)

  /// The forms that the next byte of a value can have there: the number of bytes in the text, and of the value.
  private static func readings(
    of wanted: UInt8, _ value: ArraySlice<UInt8>, _ bytes: [UInt8], at start: Int
  ) -> [Reading] {
    guard start < bytes.count else { return [] }
    var readings: [Reading] = []
    func stands(_ text: StaticString) -> Bool {
      text.withUTF8Buffer { start + $0.count <= bytes.count && bytes[start..<(start + $0.count)].elementsEqual($0) }
    }
    switch wanted {
    case UInt8(ascii: "'"):
      // As in single quotes in shells and YAML.
      if stands("'\\''") { readings.append((4, 1)) }
      if stands("'\"'\"'") { readings.append((5, 1)) }
      if stands("''") { readings.append((2, 1)) }
    case UInt8(ascii: "$"): if stands("$$") { readings.append((2, 1)) }
    case UInt8(ascii: "\n"): if stands("\\n") { readings.append((2, 1)) }
    case UInt8(ascii: "\t"): if stands("\\t") { readings.append((2, 1)) }
    case UInt8(ascii: " "): if stands("+") { readings.append((1, 1)) }
    default: break
    }
    if bytes[start] == UInt8(ascii: "%") {
      // Percent-encoded, perhaps repeatedly.
      var digits = start + 1
      while digits + 1 < bytes.count, bytes[digits] == UInt8(ascii: "2"), bytes[digits + 1] == UInt8(ascii: "5"),
        digits - start <= 6
      {
        if bytes.number(at: digits, digits: 2, radix: 16) == Int(wanted) { readings.append((digits + 2 - start, 1)) }
        digits += 2
      }
      if bytes.number(at: digits, digits: 2, radix: 16) == Int(wanted) { readings.append((digits + 2 - start, 1)) }
    }
    if bytes[start] == UInt8(ascii: "\\"), start + 1 < bytes.count { readings += escapes(value, bytes, at: start) }
    if bytes[start] == wanted { readings.append((1, 1)) }
    return readings
  }

  /// After a backslash: `\"`, `\x41`, `\101`, `\u0041`.
  private static func escapes(_ value: ArraySlice<UInt8>, _ bytes: [UInt8], at start: Int) -> [Reading] {
    guard let wanted = value.first else { return [] }
    switch bytes[start + 1] {
    case wanted where !wanted.isASCIIAlphanumeric: return [(2, 1)]
    case UInt8(ascii: "x"):
      return bytes.number(at: start + 2, digits: 2, radix: 16) == Int(wanted) ? [(4, 1)] : []
    case UInt8(ascii: "u"):
      guard let number = bytes.number(at: start + 2, digits: 4, radix: 16), let scalar = Unicode.Scalar(UInt16(number))
      else { return [] }
      let characters = Array(String(Character(scalar)).utf8)
      return value.starts(with: characters) ? [(6, characters.count)] : []
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      return bytes.number(at: start + 1, digits: 3, radix: 8) == Int(wanted) ? [(4, 1)] : []
    default: return []
    }
  }
}

extension UInt8 {
  fileprivate var isASCIIAlphanumeric: Bool { Character(Unicode.Scalar(self)).isASCIIAlphanumeric }

  fileprivate var isBase64Digit: Bool { isASCIIAlphanumeric || "+/-_=".utf8.contains(self) }

  fileprivate var hexadecimalDigit: UInt8 { Array("0123456789abcdef".utf8)[Int(self)] }

  fileprivate var uppercased: UInt8 { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) ? self - 32 : self }
}

extension [UInt8] {
  /// The number formed by exactly so many digits at a position; nil if there are others.
  fileprivate func number(at start: Int, digits: Int, radix: Int) -> Int? {
    guard start >= 0, start + digits <= count else { return nil }
    var number = 0
    for byte in self[start..<(start + digits)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else { return nil }
      number = number * radix + digit
    }
    return number
  }

  /// In base64, without padding.
  fileprivate var base64Digits: [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var digits: [UInt8] = []
    var bits = 0
    var number = 0
    for byte in self {
      number = (number << 8 | Int(byte)) & 0xFFFF
      bits += 8
      while bits >= 6 {
        bits -= 6
        digits.append(alphabet[number >> bits & 63])
      }
    }
    if bits > 0 { digits.append(alphabet[number << (6 - bits) & 63]) }
    return digits
  }
}
