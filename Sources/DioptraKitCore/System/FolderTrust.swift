internal import Glibc

/// Whether a deployment's folder may be used by the caller.
///
/// A deployment's configuration names programs to run, and its State decides which files are written. So the folder
/// must belong to the caller or to root, unless the caller allows it explicitly.
enum FolderTrust {
  /// The variable that lists the allowed folders of other users, separated by colons.
  static let variable = "DIOPTRA_ALLOW"

  /// The paths that matter, the folder itself first.
  private static let names = ["", ProgramFolder.configuration, ProgramFolder.name, ProgramFolder.state]

  /// - Parameter folder: A descriptor: what is at the path may change, but what was checked is what is used.
  static func check(_ folder: Int32, path: String) throws(DioptraError) {
    let trusted = [0, getuid(), Caller.behindSudo]
    for name in names {
      var status = stat()
      let isThere =
        name.isEmpty
        ? fstat(folder, &status) == 0 : fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
      guard isThere, !trusted.contains(status.st_uid), !isAllowed(folder) else { continue }
      throw DioptraError(
        .folderUntrusted,
        "\(name.isEmpty ? path : "\(path)/\(name)") belongs to \(Caller.name(of: status.st_uid)), "
          + "whose files could make dioptra run any program as you",
        remedy: "If you trust that user, allow the folder: \(set: variable, to: path) dioptra …")
    }
  }

  private static func isAllowed(_ folder: Int32) -> Bool {
    guard let list = getenv(variable).map({ String(cString: $0) }) else { return false }
    var status = stat()
    guard fstat(folder, &status) == 0 else { return false }
    return list.split(separator: ":").contains { path in
      var other = stat()
      return path.hasPrefix("/") && stat(String(path), &other) == 0 && other.st_dev == status.st_dev
        && other.st_ino == status.st_ino
    }
  }
}
