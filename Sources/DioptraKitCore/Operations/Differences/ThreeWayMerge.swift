internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Merges two changed versions of a text line by line: a true diff3 over their common ancestor, with the same results
/// as `git merge-file`.
///
/// A change of one side is taken if the other side left the lines alone; changes that touch each other are a conflict
/// unless both sides have the same lines. Line endings are not changes: lines from the other side get the endings of
/// ours.
struct ThreeWayMerge {
  enum Chunk: Equatable {
    /// Lines on which both sides agree, or that one of them changed.
    case merged([String])
    case conflict(ours: [String], theirs: [String])
  }

  let chunks: [Chunk]
  /// The line ending of conflict markers.
  private let end: String

  /// The merged text; nil if there is a conflict.
  var text: String? {
    var lines: [String] = []
    for chunk in chunks {
      guard case .merged(let part) = chunk else { return nil }
      lines += part
    }
    return lines.joined()
  }

  /// The merged text with conflict markers around both sides of each conflict.
  func markedText(ours: String, theirs: String) -> String {
    chunks.map { chunk in
      switch chunk {
      case .merged(let lines): lines.joined()
      case .conflict(let left, let right):
        "<<<<<<< \(ours)\(end)\(left.terminated(by: end))=======\(end)\(right.terminated(by: end))>>>>>>> \(theirs)\(end)"
      }
    }.joined()
  }

  /// - Parameters:
  /// - base: The common ancestor.
  /// - ours: The version on disk.
  /// - theirs: The new version.
  init(base: String, ours: String, theirs: String) {
    let old = base.linesWithEnds.map(Line.init)
    let kept = ours.linesWithEnds.map(Line.init)
    let new = theirs.linesWithEnds.map(Line.init)
    let userEnd = [kept, new, old].lazy.compactMap(Line.end(of:)).first ?? "\n"
    end = Line.end(of: old) == nil ? "\n" : userEnd
    let lines = Lines(base: old, ours: kept, theirs: new.map { $0.ending(with: userEnd) })
    let regions = Self.regions(
      LineDifference(from: lines.base, to: lines.ours).changes,
      LineDifference(from: lines.base, to: lines.theirs).changes)
    let refined = regions.flatMap { $0.isConflict ? Self.refined($0, lines) : [$0] }
    chunks = Self.chunks(Self.joined(refined, lines), lines)
  }

  /// A line; lines are equal if their bytes before the line ending are.
  private struct Line: Hashable {
    let text: String
    private let key: [UInt8]

    init(_ text: String) {
      self.text = text
      key = Array(text.utf8).withUnixLineEnds
    }

    private var hasEnd: Bool { key.last == UInt8(ascii: "\n") }
    private var endsAsOnWindows: Bool { hasEnd && text.utf8.count > key.count }

    /// Whether it contains a letter or a digit.
    var hasWord: Bool { key.contains { Character(Unicode.Scalar($0)).isASCIIAlphanumeric } }

    func ending(with end: String) -> Line {
      guard hasEnd, endsAsOnWindows != (end == "\r\n") else { return self }
      return Line(String(decoding: key.dropLast(), as: UTF8.self) + end)
    }

    /// The most frequent line ending of some lines; nil if there is none.
    static func end(of lines: [Line]) -> String? {
      let count = lines.count(where: \.hasEnd)
      return count == 0 ? nil : 2 * lines.count(where: \.endsAsOnWindows) > count ? "\r\n" : "\n"
    }

    static func == (left: Line, right: Line) -> Bool { left.key == right.key }

    func hash(into hasher: inout Hasher) { hasher.combine(key) }
  }

  private struct Lines {
    let base: [Line]
    let ours: [Line]
    let theirs: [Line]
  }

  /// A part of the text in which the sides differ, as ranges of each version.
  private struct Region {
    enum Kind {
      case ours
      case theirs
      case conflict
    }

    var kind: Kind
    var ours: Range<Int>
    var theirs: Range<Int>

    var isConflict: Bool { kind == .conflict }
  }

  /// Pairs up the changes of both sides: those that touch or overlap in the base become one region.
  private static func regions(
    _ ours: [LineDifference.Hunk], _ theirs: [LineDifference.Hunk]
  ) -> [Region] {
    var regions: [Region] = []
    var left = ours[...]
    var right = theirs[...]
    // The offset between a position of the base and the same line of a side.
    var leftShift = 0
    var rightShift = 0
    while let first = [left.first, right.first].compactMap(\.self).min(by: { $0.old.lowerBound < $1.old.lowerBound }) {
      var base = first.old
      var taken: (ours: [LineDifference.Hunk], theirs: [LineDifference.Hunk]) = ([], [])
      var grew = true
      while grew {
        grew = false
        if let change = left.first, change.touches(base) {
          taken.ours.append(change)
          left.removeFirst()
          base = base.joined(with: change.old)
          grew = true
        }
        if let change = right.first, change.touches(base) {
          taken.theirs.append(change)
          right.removeFirst()
          base = base.joined(with: change.old)
          grew = true
        }
      }
      let oursGrowth = taken.ours.reduce(0) { $0 + $1.growth }
      let theirsGrowth = taken.theirs.reduce(0) { $0 + $1.growth }
      regions.append(
        Region(
          kind: taken.theirs.isEmpty ? .ours : taken.ours.isEmpty ? .theirs : .conflict,
          ours: (base.lowerBound + leftShift)..<(base.upperBound + leftShift + oursGrowth),
          theirs: (base.lowerBound + rightShift)..<(base.upperBound + rightShift + theirsGrowth)))
      leftShift += oursGrowth
      rightShift += theirsGrowth
    }
    return regions
  }

  /// Removes the common parts of both sides from a conflict.
  private static func refined(_ region: Region, _ lines: Lines) -> [Region] {
    let ours = Array(lines.ours[region.ours])
    let theirs = Array(lines.theirs[region.theirs])
    if ours.isEmpty || theirs.isEmpty { return ours == theirs ? [] : [region] }
    return LineDifference(from: ours, to: theirs).changes.map { change in
      Region(
        kind: .conflict,
        ours: (region.ours.lowerBound + change.old.lowerBound)..<(region.ours.lowerBound + change.old.upperBound),
        theirs: (region.theirs.lowerBound + change.new.lowerBound)..<(region.theirs.lowerBound + change.new.upperBound))
    }
  }

  /// Conflicts with at most three lines, or with nothing but punctuation, between them read better as one.
  private static func joined(_ regions: [Region], _ lines: Lines) -> [Region] {
    regions.reduce(into: []) { joined, region in
      guard let last = joined.last, last.isConflict, region.isConflict else { return joined.append(region) }
      let gap = lines.ours[last.ours.upperBound..<region.ours.lowerBound]
      guard gap.count <= 3 || !gap.contains(where: \.hasWord) else {
        return joined.append(region)
      }
      joined[joined.count - 1].ours = last.ours.lowerBound..<region.ours.upperBound
      joined[joined.count - 1].theirs = last.theirs.lowerBound..<region.theirs.upperBound
    }
  }

  private static func chunks(_ regions: [Region], _ lines: Lines) -> [Chunk] {
    var chunks: [Chunk] = []
    var position = 0
    func append(_ lines: ArraySlice<Line>) {
      guard !lines.isEmpty else { return }
      if case .merged(let last)? = chunks.last {
        chunks[chunks.count - 1] = .merged(last + lines.map(\.text))
      } else {
        chunks.append(.merged(lines.map(\.text)))
      }
    }
    for region in regions {
      append(lines.ours[position..<region.ours.lowerBound])
      switch region.kind {
      case .ours: append(lines.ours[region.ours])
      case .theirs: append(lines.theirs[region.theirs])
      case .conflict:
        chunks.append(
          .conflict(ours: lines.ours[region.ours].map(\.text), theirs: lines.theirs[region.theirs].map(\.text)))
      }
      position = region.ours.upperBound
    }
    append(lines.ours[position...])
    return chunks
  }
}

extension LineDifference.Hunk {
  /// The difference in length between new and old lines.
  fileprivate var growth: Int { new.count - old.count }

  /// Whether the change overlaps or touches a range of the base.
  fileprivate func touches(_ base: Range<Int>) -> Bool {
    old.lowerBound <= base.upperBound && base.lowerBound <= old.upperBound
  }
}

extension Range<Int> {
  fileprivate func joined(with other: Range<Int>) -> Range<Int> {
    Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
  }
}

extension [String] {
  /// The lines as a text that ends with a line ending, unless there are none.
  fileprivate func terminated(by end: String) -> String {
    let text = joined()
    return text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? text : text + end
  }
}
