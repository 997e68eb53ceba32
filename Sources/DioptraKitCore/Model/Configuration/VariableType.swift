public import DioptraSystem

/// The valid values of a variable, and their canonical form.
///
/// Values are used in YAML, shell, SQL, and the files of systemd and of servers. Each type therefore lists the allowed
/// characters, and all others are refused before anything is written.
public struct VariableType: Sendable {
  /// Why a value is refused.
  public struct Fault: Error, Sendable, Equatable {
    /// Completes "container_tag …".
    public let problem: String
    /// What to give instead.
    public let remedy: Remedy

    /// Both without a full stop, such as "cannot be 'x'" and "It must be a whole number".
    public init(_ problem: String, remedy: Remedy) {
      self.problem = problem
      self.remedy = remedy
    }
  }

  /// The type's name in `config list`: `count`, `port`.
  public let name: String
  /// All values, where there are only a few; otherwise empty.
  public let choices: [String]
  package let canonical: @Sendable (String) -> Result<String, Fault>

  /// - Parameters:
  ///   - choices: All values, where there are only a few.
  /// - canonical: Returns the canonical form of a value, or why there is none.
  public init(
    _ name: String, choices: [String] = [], canonical: @escaping @Sendable (String) -> Result<String, Fault>
  ) {
    self.name = name
    self.choices = choices
    self.canonical = canonical
  }

  /// The canonical value of a switch that is on.
  public static let on = "true"
  /// The canonical value of a switch that is off.
  public static let off = "false"

  /// Values that match a pattern completely; `shape` completes "must be …".
  static func matching(_ name: String, _ shape: String, _ matches: @escaping @Sendable (String) -> Bool) -> Self {
    Self(name) { value in
      matches(value)
        ? .success(value) : .failure(Fault("cannot be \(value.quoted)", remedy: "It must be \(shape)"))
    }
  }
}
