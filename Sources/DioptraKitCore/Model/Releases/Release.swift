internal import DioptraSystem

/// A release of Dioptra, such as `1.2.2`: whole numbers separated by dots.
public struct Release: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The release as it is written: `1.2.2`.
  public let description: String
  private let numbers: [Int]

  /// nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in part.allSatisfy { ("0"..."9").contains($0) } ? Int(part) : nil }
    guard parts.count > 1, numbers.count == parts.count else { return nil }
    description = text
    self.numbers = numbers
  }

  /// By the numbers: 1.9 comes before 1.10.
  public static func < (left: Self, right: Self) -> Bool {
    left.numbers.lexicographicallyPrecedes(right.numbers)
  }

  /// - Throws: `DecodingError` for a string that is no release.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let release = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no release")
    }
    self = release
  }

  /// Encodes the release as a string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
