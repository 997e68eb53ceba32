import Foundation
import Testing

@testable import DioptraSystem

struct ErrorCodeTests {
  /// A row of the table: the code and the exit code.
  private static func documented() throws -> [String: String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let table = try #require(readme.range(of: "| Code | Exit | Meaning |\n| --- | --- | --- |\n"))
    let rows = readme[table.upperBound...].prefix { $0 != "#" }.split(separator: "\n")
    return try rows.prefix { $0.hasPrefix("| `") }.reduce(into: [:]) { codes, row in
      let match = try #require(try /^\| `([a-z-]+)` \| (\d+) \| .+ \|$/.wholeMatch(in: row), "\(row)")
      #expect(codes.updateValue(String(match.2), forKey: String(match.1)) == nil, "\(match.1) stands there twice")
    }
  }

  @Test func theReadmeListsEveryCodeWithItsExitCodeAndNoOther() throws {
    let known = DioptraError.Code.allCases.map { ($0.rawValue, String($0.exitCode.rawValue)) }
    #expect(try Self.documented() == Dictionary(uniqueKeysWithValues: known))
  }

  @Test func aCodeIsInKebabCase() {
    for code in DioptraError.Code.allCases {
      #expect(code.rawValue.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(code.rawValue)")
    }
  }

  @Test func onlyAConflictStopsACommandBeforeAnythingWasChanged() {
    let refusals = DioptraError.Code.allCases.filter { DioptraError($0, "no").isRefusal }
    #expect(refusals == [.conflict, .conflictMarkers])
  }
}
