internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The header block of a tar entry, in POSIX ustar format; a name that does not fit is in an extended header before it.
struct TarHeader: Equatable {
  enum Kind: UInt8 {
    case file = 0x30
    case folder = 0x35
    /// Extends the following entry.
    case extended = 0x78
  }

  static let blockSize = 512

  /// In the form of `String(exactly:)`.
  var name: String
  var kind: Kind
  var mode: UInt32
  /// The size of the content in bytes, at most 8 GiB.
  var size: Int
  /// Seconds since 1970.
  var modified: Int

  /// The zeros that pad the last block of a content.
  static func padding(after size: Int) -> Int { (blockSize - size % blockSize) % blockSize }

  /// The header, after an extended one if the name requires it.
  var blocks: [UInt8] {
    let name = kind == .folder ? self.name + "/" : self.name
    if let split = Self.split(name) { return block(split) }
    let record = Self.record("path", name)
    let extended = TarHeader(name: "", kind: .extended, mode: 0o644, size: record.count, modified: modified)
    return extended.block((Array("name".utf8), [])) + record
      + [UInt8](repeating: 0, count: Self.padding(after: record.count))
      + block((Array(name.exactBytes.suffix(100)), []))
  }

  /// `30 path=…`: the number includes itself.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = Array(" \(key)=".utf8) + value.exactBytes + [0x0A]
    var count = rest.count
    while count != rest.count + String(count).utf8.count { count = rest.count + String(count).utf8.count }
    return Array(String(count).utf8) + rest
  }

  /// A name split into its two fields; nil if it does not fit.
  private static func split(_ name: String) -> (name: [UInt8], prefix: [UInt8])? {
    let bytes = name.exactBytes
    if bytes.count <= 100 { return (bytes, []) }
    let slash = UInt8(ascii: "/")
    guard let cut = bytes.indices.dropLast().first(where: { bytes[$0] == slash && bytes.count - $0 - 1 <= 100 }),
      cut > 0, cut <= 155
    else { return nil }
    return (Array(bytes[(cut + 1)...]), Array(bytes[..<cut]))
  }

  private func block(_ split: (name: [UInt8], prefix: [UInt8])) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: Self.blockSize)
    func put(_ bytes: [UInt8], at place: Int) { block.replaceSubrange(place..<place + bytes.count, with: bytes) }
    func put(_ number: Int, digits: Int, at place: Int) {
      let text = String(number, radix: 8)
      put(Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8), at: place)
    }
    put(split.name, at: 0)
    put(Int(mode), digits: 7, at: 100)
    put(0, digits: 7, at: 108)
    put(0, digits: 7, at: 116)
    put(size, digits: 11, at: 124)
    put(max(0, modified), digits: 11, at: 136)
    put(Array(repeating: 0x20, count: 8), at: 148)
    block[156] = kind.rawValue
    put(Array("ustar\u{0}00".utf8), at: 257)
    put(split.prefix, at: 345)
    put(block.reduce(0) { $0 + Int($1) }, digits: 6, at: 148)
    block[154] = 0
    return block
  }
}

extension TarHeader {
  /// Reads a block.
  ///
  /// - Returns: nil for a block that is not a header written by this program.
  init?(block: [UInt8]) {
    guard block.count == Self.blockSize, Array(block[257..<262]) == Array("ustar".utf8),
      let kind = Kind(rawValue: block[156]), let sum = Self.number(block[148..<156]),
      let size = Self.number(block[124..<136]), let mode = Self.number(block[100..<108]),
      let modified = Self.number(block[136..<148])
    else { return nil }
    let actual = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    guard sum == actual else { return nil }
    let name = Self.bytes(block[0..<100])
    let prefix = Self.bytes(block[345..<500])
    self.init(
      name: String(exactly: prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name), kind: kind,
      mode: UInt32(truncatingIfNeeded: mode) & 0o7777,
      size: size, modified: modified)
  }

  /// The name that an extended header gives to the following entry.
  static func name(inExtended content: [UInt8]) -> String? {
    let key = Array(" path=".utf8)
    guard let blank = content.firstIndex(of: 0x20), content.last == 0x0A, content[blank...].starts(with: key),
      Int(String(decoding: content[..<blank], as: UTF8.self)) == content.count
    else { return nil }
    return String(exactly: Array(content[(blank + key.count)...].dropLast()))
  }

  private static func bytes(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.prefix { $0 != 0 && $0 != 0x20 }
    return digits.isEmpty || !digits.allSatisfy { (0x30...0x37).contains($0) }
      ? nil : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}
