/// Human-readable numbers of bytes, with powers of 1000.
public enum ByteCount {
  private static let units = ["B", "kB", "MB", "GB", "TB"]

  /// Parses `242.6kB` to `242600`; nil for anything else.
  package static func number(of text: String) -> Int? {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let value = Double(digits), let power = units.firstIndex(of: String(text.dropFirst(digits.count))) else {
      return nil
    }
    return Int((0..<power).reduce(value) { value, _ in value * 1000 })
  }

  /// `1.2 GB`.
  public static func text(_ bytes: Int) -> String {
    var value = bytes
    var rest = 0
    var power = 0
    while value >= 1000, power < units.count - 1 {
      rest = value % 1000
      value /= 1000
      power += 1
    }
    return power == 0 || value >= 100 ? "\(value) \(units[power])" : "\(value).\(rest / 100) \(units[power])"
  }
}
