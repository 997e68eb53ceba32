/// What went wrong: one sentence that names the thing, and one that says what to do.
public struct DioptraError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a program that ends with this error exits with.
  public enum ExitCode: Int32, Sendable {
    case failure = 1
    case differences = 2
    case conflicts = 3
    case usage = 64
    case locked = 75
    case interrupted = 130
  }

  /// Names the thing; no full stop.
  public let problem: String
  /// Says what to do; no full stop.
  public let remedy: String
  public let exitCode: ExitCode
  /// Whether the command stopped before it changed anything. Its run is then recorded as stopped, not failed.
  public let isRefusal: Bool

  /// Nothing quoted in the message can control a terminal or deceive the reader.
  public init(_ problem: String, remedy: String, exitCode: ExitCode = .failure, isRefusal: Bool = false) {
    self.problem = problem.visible()
    self.remedy = remedy.visible()
    self.exitCode = exitCode
    self.isRefusal = isRefusal
  }

  /// A problem that ends with a list needs no full stop.
  public var description: String { "\(problem)\(problem.hasSuffix("\n") ? "" : ". ")\(remedy)." }
}

/// The candidate closest to a mistyped name, if one is close enough.
package func nearest(_ name: String, in candidates: [String]) -> String? {
  let ranked = candidates.map { (name: $0, distance: editDistance(name, $0)) }.min { $0.distance < $1.distance }
  guard let best = ranked, best.distance <= max(2, name.count / 3) else { return nil }
  return best.name
}

/// The number of single-character edits between two words (Levenshtein).
private func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (i, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let substitution = diagonal + (character == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = Swift.min(substitution, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[right.count]
}
