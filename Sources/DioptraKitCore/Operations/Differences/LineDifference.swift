internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// How to change one list of lines into another: the shortest list of replaced ranges, by Myers, "An O(ND) Difference
/// Algorithm and Its Variations".
struct LineDifference {
  /// Lines of the old list, possibly none, that are replaced by lines of the new list, possibly none.
  struct Hunk: Equatable {
    var old: Range<Int>
    var new: Range<Int>
  }

  /// In order; between two hunks there is at least one common line.
  let changes: [Hunk]

  /// With more differing lines than this, one hunk replaces everything.
  private static let limit = 4_000

  init<Line: Hashable>(from old: [Line], to new: [Line]) {
    let prefix = zip(old, new).prefix { $0 == $1 }.count
    let rest = min(old.count, new.count) - prefix
    var suffix = 0
    while suffix < rest, old[old.count - 1 - suffix] == new[new.count - 1 - suffix] { suffix += 1 }
    let oldMiddle = prefix..<(old.count - suffix)
    let newMiddle = prefix..<(new.count - suffix)
    guard !oldMiddle.isEmpty, !newMiddle.isEmpty else {
      changes = oldMiddle.isEmpty && newMiddle.isEmpty ? [] : [Hunk(old: oldMiddle, new: newMiddle)]
      return
    }
    let kept = Self.kept(Self.numbered(old[oldMiddle], new[newMiddle]))
    changes = Self.gaps(between: kept, old: oldMiddle, new: newMiddle)
  }

  /// Lines as small numbers, equal if the lines are equal.
  private static func numbered<Line: Hashable>(
    _ old: ArraySlice<Line>, _ new: ArraySlice<Line>
  ) -> (old: [Int], new: [Int]) {
    var numbers: [Line: Int] = [:]
    func number(_ line: Line) -> Int {
      if let known = numbers[line] { return known }
      numbers[line] = numbers.count
      return numbers.count - 1
    }
    return (old.map(number), new.map(number))
  }

  /// The pairs of positions matched by a longest common subsequence.
  private static func kept(_ lines: (old: [Int], new: [Int])) -> [(old: Int, new: Int)] {
    let (old, new) = lines
    let most = min(old.count + new.count, limit)
    // For each number of edits, the furthest position in `old` on each diagonal, from -edits to edits.
    var trace: [[Int]] = []
    var furthest = [0]
    for edits in 0...most {
      var next = [Int](repeating: 0, count: 2 * edits + 1)
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        var x = start(furthest, edits: edits, diagonal: diagonal)
        while x < old.count, x - diagonal < new.count, old[x] == new[x - diagonal] { x += 1 }
        next[diagonal + edits] = x
        if x >= old.count, x - diagonal >= new.count {
          trace.append(next)
          return path(trace, old.count, new.count)
        }
      }
      trace.append(next)
      furthest = next
    }
    return []
  }

  /// The start of a diagonal after one more edit: below the upper neighbour or right of the lower one.
  private static func start(_ furthest: [Int], edits: Int, diagonal: Int) -> Int {
    guard edits > 0 else { return 0 }
    func reached(_ diagonal: Int) -> Int { furthest[diagonal + edits - 1] }
    if diagonal == -edits { return reached(diagonal + 1) }
    if diagonal == edits { return reached(diagonal - 1) + 1 }
    let below = reached(diagonal + 1)
    let right = reached(diagonal - 1) + 1
    return max(below, right)
  }

  private static func path(_ trace: [[Int]], _ oldCount: Int, _ newCount: Int) -> [(old: Int, new: Int)] {
    var pairs: [(old: Int, new: Int)] = []
    var diagonal = oldCount - newCount
    for edits in stride(from: trace.count - 1, through: 0, by: -1) {
      let end = trace[edits][diagonal + edits]
      let begin = start(edits > 0 ? trace[edits - 1] : [], edits: edits, diagonal: diagonal)
      for x in stride(from: end - 1, through: begin, by: -1) { pairs.append((x, x - diagonal)) }
      guard edits > 0 else { break }
      let isDown =
        diagonal == -edits
        || (diagonal != edits
          && trace[edits - 1][diagonal + 1 + edits - 1] >= trace[edits - 1][diagonal - 1 + edits - 1] + 1)
      diagonal += isDown ? 1 : -1
    }
    return pairs.reversed()
  }

  private static func gaps(
    between kept: [(old: Int, new: Int)], old: Range<Int>, new: Range<Int>
  ) -> [Hunk] {
    var changes: [Hunk] = []
    var position = (old: old.lowerBound, new: new.lowerBound)
    let end = (old: old.count, new: new.count)
    for pair in kept + [end] {
      let next = (old: old.lowerBound + pair.old, new: new.lowerBound + pair.new)
      if position != next { changes.append(Hunk(old: position.old..<next.old, new: position.new..<next.new)) }
      position = (next.old + 1, next.new + 1)
    }
    return changes
  }
}
