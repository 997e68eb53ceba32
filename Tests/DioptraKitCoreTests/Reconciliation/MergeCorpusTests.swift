import Foundation
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraSystem

/// Thousands of generated triples, each merged by us and by `git merge-file`.
struct MergeCorpusTests {
  private struct Triple {
    var base: String
    var ours: String
    var theirs: String
  }

  private struct Tally {
    var clean = 0
    var conflicts = 0
    var twoSided = 0
    var agreements = 0
    var count = 0
  }

  @Test(.needs("git"))
  func withUniqueLinesTheResultIsGits() async throws {
    let tally = try await compare(2_600, seed: 20_261_122, unique: true) { merge, git, triple in
      #expect((merge.text == nil) == git.isConflict, "\(triple)")
      #expect(merge.markedText(ours: "ours", theirs: "theirs") == git.text, "\(triple)")
    }
    #expect(tally.conflicts * 10 >= tally.count * 3, "\(tally)")
    #expect(tally.twoSided * 10 >= tally.count * 3, "\(tally)")
  }

  @Test(.needs("git"))
  func withRepeatedLinesNoLineIsLostOrInvented() async throws {
    let tally = try await compare(2_600, seed: 20_261_123, unique: false) { merge, _, triple in
      let known = Set(triple.base.linesWithEnds + triple.ours.linesWithEnds + triple.theirs.linesWithEnds)
      for chunk in merge.chunks {
        let lines =
          switch chunk {
          case .merged(let lines): lines
          case .conflict(let ours, let theirs): ours + theirs
          }
        #expect(Set(lines).isSubset(of: known))
      }
      // What a side added is there: the other side can only take away lines of the base.
      func counts(_ lines: [String]) -> [String: Int] { lines.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
      let result = counts(
        merge.chunks.flatMap { chunk in
          switch chunk {
          case .merged(let lines): lines
          case .conflict(let ours, let theirs): ours + theirs
          }
        })
      let base = counts(triple.base.linesWithEnds)
      for side in [counts(triple.ours.linesWithEnds), counts(triple.theirs.linesWithEnds)] {
        for (line, count) in side {
          #expect(result[line, default: 0] >= count - base[line, default: 0], "lost \(line) of \(triple)")
        }
      }
    }
    #expect(tally.agreements * 100 >= tally.count * 95, "\(tally)")
  }

  private func compare(
    _ count: Int, seed: UInt64, unique: Bool,
    _ judge: (ThreeWayMerge, (text: String, isConflict: Bool), Triple) -> Void
  ) async throws -> Tally {
    var generator = SeededGenerator(seed: seed)
    let triples = (0..<count).map { _ in Self.triple(unique: unique, using: &generator) }
    let scratch = try Scratch()
    for (index, triple) in triples.enumerated() {
      try scratch.write(triple.base, to: "\(index).base")
      try scratch.write(triple.ours, to: "\(index).ours")
      try scratch.write(triple.theirs, to: "\(index).theirs")
    }
    let command = """
      for ((i = 0; i < \(count); i++)); do
        git merge-file -p -L ours -L base -L theirs $i.ours $i.base $i.theirs >$i.merged
        echo $?
      done
      """
    let outcome = try await Tool.run("bash", ["-c", command], in: scratch.path)
    let statuses = outcome.output.split(separator: "\n").compactMap { Int($0) }
    try #require(statuses.count == count, "\(outcome.errors)")
    var tally = Tally(count: count)
    for (index, triple) in triples.enumerated() {
      let merge = ThreeWayMerge(base: triple.base, ours: triple.ours, theirs: triple.theirs)
      let isConflict = statuses[index] > 0
      judge(merge, (try scratch.read("\(index).merged"), isConflict), triple)
      if (merge.text == nil) == isConflict { tally.agreements += 1 }
      if isConflict {
        tally.conflicts += 1
      } else {
        tally.clean += 1
        if triple.ours != triple.base, triple.theirs != triple.base { tally.twoSided += 1 }
      }
    }
    print("merge corpus, seed \(seed): \(tally)")
    return tally
  }

  private static func triple(unique: Bool, using generator: inout SeededGenerator) -> Triple {
    let end = Int.random(in: 0..<8, using: &generator) == 0 ? "\r\n" : "\n"
    var fresh = 0
    func line(_ generator: inout SeededGenerator) -> String {
      fresh += 1
      return unique ? "line \(fresh)\(end)" : generator.pick(["a", "b", "}", "", "c"]) + end
    }
    let count = Int.random(in: 0...30, using: &generator)
    let base = (0..<count).map { _ in line(&generator) }
    func edited(_ generator: inout SeededGenerator) -> [String] {
      var lines = base
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        let position = Int.random(in: 0...lines.count, using: &generator)
        let removed = min(Int.random(in: 0...2, using: &generator), lines.count - position)
        let added = (0..<Int.random(in: removed == 0 ? 1...2 : 0...2, using: &generator)).map { _ in line(&generator) }
        lines.replaceSubrange(position..<(position + removed), with: added)
      }
      return lines
    }
    func text(_ lines: [String], _ generator: inout SeededGenerator) -> String {
      var text = lines.joined()
      if Int.random(in: 0..<12, using: &generator) == 0, text.hasSuffix(end) { text.removeLast() }
      return text
    }
    return Triple(
      base: text(base, &generator), ours: text(edited(&generator), &generator),
      theirs: text(edited(&generator), &generator))
  }
}
