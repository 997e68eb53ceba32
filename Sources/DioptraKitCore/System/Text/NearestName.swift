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

extension Remedy {
  /// Suggests the candidate that a mistyped name most likely stands for, if one is close.
  package static func name(like name: String, in candidates: [String]) -> Remedy? {
    nearest(name, in: candidates).map { "Perhaps \($0) is meant" }
  }

  package static func oneOf(_ names: [String]) -> Remedy { "One of: \(names.joined(separator: ", "))" }
}
