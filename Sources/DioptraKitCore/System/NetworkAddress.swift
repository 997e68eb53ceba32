internal import Glibc

/// An IPv4 or IPv6 address as bytes, however it is written.
package struct NetworkAddress: Equatable, Sendable {
  /// 4 or 16 bytes, in network order.
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// - Parameter text: Four decimal numbers separated by dots, or an IPv6 address without brackets.
  package init?(_ text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.bytes = Array(bytes[..<4])
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.bytes = bytes
    } else {
      return nil
    }
  }

  /// The address in a URL's host part, with brackets for IPv6; nil for a name.
  package init?(host: String) {
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard let address = NetworkAddress(isBracketed ? String(host.dropFirst().dropLast()) : host),
      isBracketed == (address.bytes.count == 16)
    else { return nil }
    self = address
  }
}
