internal import Glibc

extension UnsafeBufferPointer<UInt8> {
  /// The first occurrence of the given bytes in a range.
  package func position(of wanted: [UInt8], from start: Int, to end: Int) -> Int? {
    guard let address = baseAddress, let first = wanted.first else { return nil }
    var start = start
    while start + wanted.count <= end, let found = memchr(address + start, Int32(first), end - start) {
      let position = UnsafeRawPointer(address).distance(to: UnsafeRawPointer(found))
      if position + wanted.count <= end, memcmp(found, wanted, wanted.count) == 0 { return position }
      start = position + 1
    }
    return nil
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Where lines end.
  package var lineEnds: [Int] {
    var ends: [Int] = []
    var start = 0
    while let end = position(of: [UInt8(ascii: "\n")], from: start, to: count) {
      ends.append(end)
      start = end + 1
    }
    return ends
  }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
  /// The first occurrence of the given bytes.
  package func position(of wanted: [UInt8]) -> Int? {
    base.position(of: wanted, from: startIndex, to: endIndex)
  }
}

extension String {
  /// The offset in bytes of the first occurrence of the given UTF-8 bytes.
  package func position(of wanted: [UInt8]) -> Int? {
    var text = self
    return text.withUTF8 { $0.position(of: wanted, from: 0, to: $0.count) }
  }
}

extension [UInt8] {
  /// The bytes with every occurrence of some replaced by others.
  package func replacing(_ wanted: [UInt8], with other: [UInt8]) -> [UInt8] {
    withUnsafeBufferPointer { bytes in
      guard var next = bytes.position(of: wanted, from: 0, to: count) else { return self }
      var result: [UInt8] = []
      var position = 0
      while true {
        result += bytes[position..<next]
        result += other
        position = next + wanted.count
        guard let found = bytes.position(of: wanted, from: position, to: count) else { break }
        next = found
      }
      return result + bytes[position...]
    }
  }

  /// Without the carriage return before each line feed: the same text with Unix line endings.
  package var withUnixLineEnds: [UInt8] { replacing([0x0D, 0x0A], with: [0x0A]) }
}

extension String {
  /// The text with every occurrence of another replaced, byte by byte: the following characters may combine with it.
  package func replacingBytes(of wanted: String, with other: String) -> String {
    guard position(of: Array(wanted.utf8)) != nil else { return self }
    return String(decoding: Array(utf8).replacing(Array(wanted.utf8), with: Array(other.utf8)), as: UTF8.self)
  }

  /// The parts of a path, including empty ones: a slash is a separator whatever follows it.
  package var pathParts: [String] {
    utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String(Substring($0)) }
  }
}
