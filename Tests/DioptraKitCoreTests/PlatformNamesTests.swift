import Foundation
import Testing

/// What a deployment is and what is done with it say nothing of the platform that runs it, nor of any one service in
/// it. The command line takes the platform's words from its dialect.
struct PlatformNamesTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources").standardizedFileURL

  @Test(arguments: [
    ("DioptraKitCore/Model", "(?i)compose|docker|nginx|postgres|minio"),
    ("DioptraKitCore/Operations", "(?i)compose|docker|nginx|postgres|minio"),
    ("dioptra", "(?i)compose|docker"),
  ])
  func noFileNamesAPlatformOrAConcern(module: String, names: String) throws {
    let root = Self.sources.appending(path: module)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path()).filter { $0.hasSuffix(".swift") }
    #expect(paths.count > 40)
    let name = try Regex(names)
    for path in paths {
      let lines = try String(contentsOf: root.appending(path: path), encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where line.contains(name) {
        Issue.record("\(module)/\(path):\(index + 1) has a name that only platforms and plugins may know: \(line)")
      }
    }
  }
}
