internal import Glibc

extension DioptraError {
  /// The error of the system call that was just made (`errno`).
  package static func system(_ problem: String, remedy: Remedy) -> DioptraError {
    let number = errno
    let cause = String(cString: strerror(number))
    return DioptraError(
      number == ENOSPC ? .spaceInsufficient : .systemFailed,
      "\(problem): \(cause.prefix(1).lowercased() + cause.dropFirst())", remedy: remedy)
  }
}

extension DioptraError {
  /// A symbolic link in place of a file.
  package static func link(_ path: String) -> DioptraError {
    DioptraError(
      .fileUnsuitable, "\(path) is a symbolic link, and dioptra follows none inside a deployment",
      remedy: "Put the file itself in its place")
  }
}
