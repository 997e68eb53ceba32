internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// Whether conflicts are left for a person to resolve.
struct MarkersCheck: HostCheck {
  let title = "conflicts"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    guard let state = scene.state else { return [] }
    return try FolderMarkers(in: scene.folder, state: state).paths.map { path in
      .error(
        "\(path.shownPath) has conflict markers",
        remedy:
          "Choose between the two versions in \(edit: path), or take dioptra's: \(run: FolderMarkers.command(takingOwn: path))"
      )
    }
  }
}

/// Whether something that is no folder of the deployment's stands where one is expected.
struct LinksCheck: HostCheck {
  let title = "links"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    var found: [String: ConfinedFolder.Entry] = [:]
    for file in scene.deployment.tree.files {
      if let obstacle = try scene.folder.obstacle(to: file.path) { found[obstacle.path] = obstacle.entry }
    }
    return found.sorted { $0.key < $1.key }.map { path, entry in
      .error(
        "\(path) is \(entry.phrase), and nothing below it is read or written",
        remedy: entry == .link
          ? "Put the folder itself there, or mount the other one in its place: "
            + "\(run: "sudo", "mount", "--bind", "FOLDER", "\(scene.folder.path)/\(path)")"
          : "Move it away, then run \(dioptra: "drift", "--repair", path)")
    }
  }
}

/// Whether copies of files with secrets, such as editors leave, are closed to others.
struct CopiesCheck: HostCheck {
  let title = "copies of secrets"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    let secret = Set(scene.deployment.tree.files.filter { $0.permissions == .secret }.map(\.path))
    let folders = Set(secret.map { $0.pathParts.dropLast().joined(separator: "/") })
    let open = try folders.sorted().flatMap { folder -> [String] in
      if let mode = scene.folder.permissions(of: folder.isEmpty ? "." : folder), mode & 0o077 == 0 { return [] }
      let names = try scene.folder.names(in: folder.isEmpty ? "." : folder) ?? []
      let paths = names.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
      return try paths.filter { path in
        guard !secret.contains(path), secret.contains(where: { path.isCopy(of: $0) }) else { return false }
        return if case .file(let mode)? = try scene.folder.entry(path) { mode & 0o077 != 0 } else { false }
      }
    }
    guard let first = open.first else { return [] }
    return [
      .error(
        "\(first.shownPath)\(open.count > 1 ? " and \(open.count - 1) more files" : ""), \(open.count > 1 ? "copies" : "a copy") "
          + "of a file with secrets, can be read by others",
        remedy: "Remove or close them: \(run: ["chmod", "600"] + open)")
    ]
  }
}

extension String {
  /// Whether the path is named as editors and people name copies of another file beside it.
  fileprivate func isCopy(of path: String) -> Bool {
    guard let name = path.pathParts.last, let own = pathParts.last else { return false }
    let bare = own.utf8.drop { [UInt8(ascii: "#"), UInt8(ascii: ".")].contains($0) }
    let wanted = name.utf8.drop { $0 == UInt8(ascii: ".") }
    return bare.starts(with: wanted) || (own.utf8.starts(with: "Copy of ".utf8) && own.hasSuffix(name))
  }
}
