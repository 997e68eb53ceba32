internal import Glibc

extension UnsafeBufferPointer<UInt8> {
  /// Where the given bytes stand for the first time in a range.
  func position(of wanted: [UInt8], from start: Int, to end: Int) -> Int? {
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

extension Slice<UnsafeBufferPointer<UInt8>> {
  /// Where the given bytes stand for the first time.
  func position(of wanted: [UInt8]) -> Int? {
    base.position(of: wanted, from: startIndex, to: endIndex)
  }
}

extension String {
  /// Where the given UTF-8 bytes stand for the first time, counted in bytes.
  func position(of wanted: [UInt8]) -> Int? {
    var text = self
    return text.withUTF8 { $0.position(of: wanted, from: 0, to: $0.count) }
  }
}
