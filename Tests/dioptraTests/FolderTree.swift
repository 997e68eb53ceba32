import CDispatch
import CoreFoundation
import Foundation
import Glibc

/// Everything in a folder, by the bytes of its path.
struct FolderTree: Equatable {
  struct Entry: Equatable {
    let mode: UInt32
    /// nil for a folder.
    let bytes: [UInt8]?
  }

  var entries: [[UInt8]: Entry] = [:]

  init(of root: [UInt8]) {
    read(root, [])
  }

  private mutating func read(_ root: [UInt8], _ path: [UInt8]) {
    guard let stream = opendir((root + path).terminated) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if [[0x2E], [0x2E, 0x2E]].contains(name) { continue }
      let inner = path + [0x2F] + name
      var status = stat()
      lstat((root + inner).terminated, &status)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      entries[inner] = Entry(mode: status.st_mode & 0o7777, bytes: isFolder ? nil : Self.bytes(root + inner))
      if isFolder { read(root, inner) }
    }
  }

  private static func bytes(_ path: [UInt8]) -> [UInt8] {
    let file = open(path.terminated, O_RDONLY)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 400_000)
    let count = Glibc.read(file, &bytes, bytes.count)
    return Array(bytes[..<max(0, count)])
  }
}

extension [UInt8] {
  /// As the system takes a path.
  var terminated: [CChar] { map { CChar(bitPattern: $0) } + [0] }
}
