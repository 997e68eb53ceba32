/// A folder of a `FolderScan` with its expected files and folders.
final class ScanNode {
  let name: [UInt8]
  /// The index of each file's path in the list, and the offset of its name.
  private(set) var files: [(index: Int, nameStart: Int)] = []
  private(set) var children: [ScanNode] = []
  /// Whether everything else in the folder is reported.
  private(set) var isSearched = false
  private var childPositions: [[UInt8]: Int] = [:]

  /// Whether a file is expected somewhere below.
  var isKnown: Bool { !files.isEmpty || children.contains(where: \.isKnown) }

  init(name: [UInt8]) {
    self.name = name
  }

  /// The top folder.
  ///
  /// - Throws: `DioptraError` for a path that leads out of the folder.
  convenience init(paths: [[UInt8]], searched: [String]) throws(DioptraError) {
    self.init(name: [])
    // Neighbours are mostly in the same folder.
    var last: (folder: [UInt8], node: ScanNode) = ([], self)
    for (index, path) in paths.enumerated() {
      let start = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
      let folder = path.prefix(max(0, start - 1))
      try Self.check(Array(path.dropFirst(start)), path)
      if !folder.elementsEqual(last.folder) { last = (Array(folder), try node(at: Array(folder), path)) }
      last.node.files.append((index, start))
    }
    for path in searched { try node(at: Array(path.utf8), Array(path.utf8)).isSearched = true }
  }

  private func node(at folder: [UInt8], _ path: [UInt8]) throws(DioptraError) -> ScanNode {
    var node = self
    for name in folder.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    where !folder.isEmpty {
      try Self.check(name, path)
      node = node.child(name)
    }
    return node
  }

  private func child(_ name: [UInt8]) -> ScanNode {
    if let position = childPositions[name] { return children[position] }
    let child = ScanNode(name: name)
    childPositions[name] = children.count
    children.append(child)
    return child
  }

  private static func check(_ name: [UInt8], _ path: [UInt8]) throws(DioptraError) {
    guard !name.isEmpty, name != [0x2E], name != [0x2E, 0x2E], !name.contains(0) else {
      throw DioptraError(
        .stateIncomplete, "\(String(exactly: path).quoted) is not a path inside the folder",
        remedy: "Restore .dioptra/state.db from a backup")
    }
  }
}

extension [UInt8] {
  /// Calls the body with the bytes as a C string.
  func withName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (self + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        // An array with at least the zero has an address.
        characters.baseAddress.map(body) ?? "".withCString(body)
      }
    }
  }
}
