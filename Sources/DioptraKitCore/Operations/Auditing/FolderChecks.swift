internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// Whether there are unresolved conflicts.
struct MarkersCheck: HostCheck {
  let title = "conflicts"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    guard let state = host.state else { return [] }
    return try FolderMarkers(in: host.folder, state: state).paths.map { path in
      .error(
        "\(path.shownPath) has unresolved conflict markers",
        remedy:
          "Resolve them in \(edit: path), or take dioptra's version: \(run: FolderMarkers.command(takingOwn: path))"
      )
    }
  }
}

/// Whether something other than a folder is in place of one of the deployment's folders.
struct LinksCheck: HostCheck {
  let title = "links"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    var found: [String: ConfinedFolder.Entry] = [:]
    for file in host.deployment.tree.files {
      if let obstacle = try host.folder.obstacle(to: file.path) { found[obstacle.path] = obstacle.entry }
    }
    return found.sorted { $0.key < $1.key }.map { path, entry in
      .error(
        "\(path) is \(entry.phrase), so nothing below it is read or written",
        remedy: entry == .link
          ? "Replace it with the folder itself, or mount the other one: "
            + "\(run: "sudo", "mount", "--bind", "FOLDER", "\(host.folder.path)/\(path)")"
          : "Move it away, then run \(dioptra: "drift", "--repair", path)")
    }
  }
}

/// Whether copies of files with secrets, such as those of editors, are private.
struct CopiesCheck: HostCheck {
  let title = "copies of secrets"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    let secret = Set(host.deployment.tree.files.filter { $0.permissions == .secret }.map(\.path))
    let folders = Set(secret.map { $0.pathParts.dropLast().joined(separator: "/") })
    let open = try folders.sorted().flatMap { folder -> [String] in
      if let mode = host.folder.permissions(of: folder.isEmpty ? "." : folder), mode & 0o077 == 0 { return [] }
      let names = try host.folder.names(in: folder.isEmpty ? "." : folder) ?? []
      let paths = names.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
      return try paths.filter { path in
        guard !secret.contains(path), secret.contains(where: { path.isCopy(of: $0) }) else { return false }
        return if case .file(let mode)? = try host.folder.entry(path) { mode & 0o077 != 0 } else { false }
      }
    }
    guard let first = open.first else { return [] }
    return [
      .error(
        "\(first.shownPath)\(open.count > 1 ? " and \(open.count - 1) more files" : ""), \(open.count > 1 ? "copies" : "a copy") "
          + "of a file with secrets, can be read by others",
        remedy: "Make them private or remove them: \(run: ["chmod", "600"] + open)")
    ]
  }
}

extension String {
  /// Whether the path is named like an editor's or user's copy of another file.
  fileprivate func isCopy(of path: String) -> Bool {
    guard let name = path.pathParts.last, let own = pathParts.last else { return false }
    let bare = own.utf8.drop { [UInt8(ascii: "#"), UInt8(ascii: ".")].contains($0) }
    let wanted = name.utf8.drop { $0 == UInt8(ascii: ".") }
    return bare.starts(with: wanted) || (own.utf8.starts(with: "Copy of ".utf8) && own.hasSuffix(name))
  }
}
