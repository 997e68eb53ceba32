import Foundation

/// A folder of its own for one test, gone when the test is.
package final class Scratch: Sendable {
  /// The absolute path.
  package let path: String

  /// - Parameter inMemory: Uses a file system in memory where there is one.
  package init(inMemory: Bool = false) throws {
    let memory = URL(filePath: "/dev/shm")
    let isUsable = inMemory && FileManager.default.isWritableFile(atPath: memory.path())
    let url = (isUsable ? memory : FileManager.default.temporaryDirectory).appending(
      path: "dioptra-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.resolvingSymlinksInPath().path()
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The absolute path of something in the folder.
  package func file(_ name: String) -> String {
    "\(path)/\(name)"
  }

  package func write(_ text: String, to name: String) throws {
    let url = URL(filePath: file(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  package func read(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }

  /// Every regular file below, by its path, with its permission bits.
  package func files(below folder: String = "") throws -> [String: Int] {
    let root = folder.isEmpty ? path : file(folder)
    guard let walker = FileManager.default.enumerator(atPath: root) else { return [:] }
    var files: [String: Int] = [:]
    for case let name as String in walker {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(root)/\(name)")
      guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
      files[name] = attributes[.posixPermissions] as? Int
    }
    return files
  }
}
