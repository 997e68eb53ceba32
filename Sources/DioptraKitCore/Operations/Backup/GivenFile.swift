internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// A file that the user names to be read, and more than once.
enum GivenFile {
  /// Opens it with the caller's own rights.
  ///
  /// - Parameters:
  ///   - kind: What it should be, such as `backup`.
  ///   - remedy: For something that is no regular file.
  static func open(_ path: String, as kind: String, remedy: Remedy) throws(DioptraError) -> Int32 {
    // Opening a pipe would block.
    let descriptor = Caller.inOwnName { Glibc.open(path.diskName, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else {
      throw .system("the \(kind) \(path) cannot be opened", remedy: "Check the path and your permissions")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let what =
        switch status.st_mode & S_IFMT {
        case S_IFDIR: "a folder"
        case S_IFIFO: "a pipe, and a \(kind) is read more than once"
        default: "no regular file"
        }
      throw DioptraError(.pathInvalid, "\(path) is \(what)", remedy: remedy)
    }
    return descriptor
  }
}
