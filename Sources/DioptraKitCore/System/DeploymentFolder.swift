internal import Glibc

/// Finds deployments in the file system.
public enum DeploymentFolder {
  /// The nearest folder that contains a deployment: the given one or one above it.
  public static func find(from path: String) -> String? {
    var path = path
    while true {
      let prefix = path == "/" ? "" : path
      for name in ["/\(ProgramFolder.configuration)", "/\(ProgramFolder.state)"]
      where access((prefix + name).diskName, F_OK) == 0 {
        return path
      }
      if path == "/" { return nil }
      path = parent(of: path)
    }
  }

  /// The absolute path without `.`, `..` and double slashes; `~` is the home folder.
  public static func absolute(_ path: String, from current: String, home: String?) -> String {
    var path = path
    if let home, path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst() }
    if !path.hasPrefix("/") { path = "\(current)/\(path)" }
    let parts = path.pathParts.reduce(into: [String]()) { parts, part in
      switch part {
      case "", ".": break
      case "..": _ = parts.popLast()
      default: parts.append(part)
      }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The process's working directory.
  public static var current: String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(exactly: UnsafeBufferPointer(start: path, count: strlen(path)).map { UInt8(bitPattern: $0) })
  }

  /// An absolute path without symbolic links, as far as it exists.
  public static func canonical(_ path: String) -> String {
    var start = path.pathParts.dropFirst()
    var rest: [String] = []
    while true {
      if let resolved = realpath(("/" + start.joined(separator: "/")).diskName, nil) {
        defer { free(resolved) }
        let bytes = UnsafeBufferPointer(start: resolved, count: strlen(resolved)).map { UInt8(bitPattern: $0) }
        let parts = String(exactly: bytes).pathParts.filter { !$0.isEmpty } + rest.reversed()
        return "/" + parts.joined(separator: "/")
      }
      guard let last = start.popLast() else { return path }
      rest.append(last)
    }
  }

  /// An absolute path without symbolic links in its folders; the last part may be one.
  public static func canonicalPlace(_ path: String) -> String {
    let parts = path.pathParts
    guard parts.count > 2, let last = parts.last else { return path }
    let parent = canonical(parts.dropLast().joined(separator: "/"))
    return parent == "/" ? "/" + last : "\(parent)/\(last)"
  }

  /// - Throws: `DioptraError` for a folder whose name Docker Compose or systemd would misread.
  package static func requireName(_ path: String) throws(DioptraError) {
    let fault: String? =
      if !path.isExactText {
        "is not UTF-8"
      } else if !path.unicodeScalars.allSatisfy(\.isHarmless) {
        "has characters that cannot be seen"
      } else if path.pathParts.contains(where: { $0.last == " " || $0.first == " " }) {
        "begins or ends with a blank"
      } else if path.hasSuffix("\\") {
        "ends with a backslash"
      } else {
        nil
      }
    guard let fault else { return }
    throw DioptraError(
      .pathInvalid, "the path of the folder \(path.shellPath) \(fault), which Docker Compose and systemd do not take",
      remedy: "Give the folder another name")
  }

  /// Creates a folder and the folders above it.
  public static func make(_ path: String) throws(DioptraError) {
    if mkdir(path, 0o755) == 0 { return }
    if errno == ENOENT, path != "/" {
      try make(parent(of: path))
      if mkdir(path, 0o755) == 0 { return }
    }
    guard errno == EEXIST else {
      throw .system("the folder \(path) cannot be made", remedy: "Check the path and your permissions")
    }
  }

  /// Whether two paths lead to the same folder, even through a symbolic link.
  package static func isSame(_ left: String, _ right: String) -> Bool {
    var one = stat()
    var other = stat()
    guard stat(left, &one) == 0, stat(right, &other) == 0 else { return left == right }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  /// Whether there is a folder at the path.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  package static func names(in path: String) throws(DioptraError) -> Set<String> {
    guard let stream = opendir(path) else {
      throw .system("the folder \(path) cannot be read", remedy: "Check your permissions")
    }
    defer { closedir(stream) }
    var names: Set<String> = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.insert(name) }
    }
    return names
  }
}
