/// Human-readable numbers of bytes, with powers of 1000.
public enum ByteCount {
  private static let units = ["B", "kB", "MB", "GB", "TB"]

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
