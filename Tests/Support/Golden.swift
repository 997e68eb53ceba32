import Foundation
package import Testing

/// Generated text compared with a file that people read and review.
///
/// With `RECORD=1` in the environment the files are rewritten, and the run fails so that it cannot pass for a test.
package struct Golden: Sendable {
  private let folder: String

  /// - Parameter test: The test's own path; the folder `Golden` is next to it.
  package init(beside test: String = #filePath) {
    folder = URL(filePath: test).deletingLastPathComponent().appending(path: "Golden").path()
  }

  /// Whether this run records.
  package static var records: Bool { ProcessInfo.processInfo.environment["RECORD"] == "1" }

  /// Expects the text of a golden file.
  package func expect(_ text: String, in name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let url = URL(filePath: "\(folder)/\(Self.visible(name))")
    if Self.records {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
      Issue.record("recorded \(name); run again without RECORD", sourceLocation: sourceLocation)
      return
    }
    let golden = try? String(contentsOf: url, encoding: .utf8)
    #expect(text == golden, "\(name) differs; look at it with RECORD=1 and git diff", sourceLocation: sourceLocation)
  }

  /// A file whose name begins with a dot would act on the repository: `.gitignore` above all.
  private static func visible(_ name: String) -> String {
    name.split(separator: "/").map { $0.hasPrefix(".") ? "dot-" + $0.dropFirst() : String($0) }.joined(separator: "/")
  }

  /// The names of the golden files below a folder.
  package func names(below name: String) -> Set<String> {
    let root = "\(folder)/\(name)"
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return Set(
      names.filter { !DeploymentPaths.isFolder("\(root)/\($0)") }
        .map { $0.hasPrefix("dot-") ? "." + $0.dropFirst(4) : $0 })
  }
}

private enum DeploymentPaths {
  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
