import Foundation
import Testing

/// What a deployment is and what is done with it say nothing of the platform that runs it, nor of any one service in it.
struct PlatformNamesTests {
  private static let core = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/DioptraKitCore").standardizedFileURL

  @Test(arguments: ["Model", "Operations"]) func noFileNamesAPlatformOrAConcern(module: String) throws {
    let root = Self.core.appending(path: module)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path()).filter { $0.hasSuffix(".swift") }
    #expect(paths.count > 40)
    let name = /(?i)compose|docker|nginx|postgres|minio/
    for path in paths {
      let lines = try String(contentsOf: root.appending(path: path), encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where line.contains(name) {
        Issue.record("\(module)/\(path):\(index + 1) has a name that only platforms and plugins may know: \(line)")
      }
    }
  }
}
