/// What an engine says about a folder that is adopted.
public struct AdoptionSurvey: Sendable {
  /// For images that would run as something else tomorrow: what they are today.
  public internal(set) var pins: [String: String] = [:]
  /// The volumes of the deployment that have no label.
  var claims: [State.Claim] = []
  /// In sentences.
  public internal(set) var notes: [String] = []

  /// Of a host without an engine.
  public init() {}
}
