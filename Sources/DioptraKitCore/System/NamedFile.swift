internal import SystemPackage

/// A file that the user names on a command line. It may be a pipe, such as a shell makes of a program's output.
public enum NamedFile {
  /// Reads it to its end; waits for a pipe's other end.
  ///
  /// - Parameter path: A path, absolute or from the current folder.
  /// - Returns: nil for a file that cannot be opened or read.
  public static func contents(atPath path: String) -> [UInt8]? {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      return try file.closeAfter {
        var bytes: [UInt8] = []
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { piece.deallocate() }
        while case let count = try file.read(into: piece), count > 0 { bytes += piece[..<count] }
        return bytes
      }
    } catch {
      return nil
    }
  }
}
