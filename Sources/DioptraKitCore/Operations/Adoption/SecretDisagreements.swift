public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Secrets with different values in several places of a folder. Only the user knows the right one.
public struct SecretDisagreements: Error, Equatable {
  /// One secret, without any of its values.
  public struct Disagreement: Equatable, Sendable {
    /// The secret that the places disagree about.
    public let secret: SecretName
    /// The places, as `PATH:NAME`, grouped by value.
    public let groups: [[String]]

    init(_ secret: SecretName, _ places: [(place: String, value: String)]) {
      self.secret = secret
      var values: [String] = []
      for place in places where !values.contains(place.value) { values.append(place.value) }
      groups = values.map { value in places.filter { $0.value == value }.map(\.place) }
    }

    /// `a, b differ from c`.
    public var text: String {
      let lists = groups.map { $0.joined(separator: ", ") }
      return "\(lists[0]) \(groups[0].count == 1 ? "differs" : "differ") from "
        + lists.dropFirst().joined(separator: ", and from ")
    }
  }

  /// In the order in which the components name their secrets.
  public let all: [Disagreement]

  /// In two sentences.
  public var error: DioptraError {
    let list = all.map { "\($0.secret): \($0.text)" }.joined(separator: "; ")
    let options = all.map { "--take \($0.secret)=\($0.groups[0][0])" }.joined(separator: " ")
    return DioptraError(
      .secretInvalid,
      "\(all.count == 1 ? "a secret is" : "\(all.count) secrets are") not the same everywhere: \(list)",
      remedy: "Find out which value the deployment runs with, then say where it is, such as \(options)")
  }
}
