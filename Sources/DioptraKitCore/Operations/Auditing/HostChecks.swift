internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// Whether files with secrets are closed to others.
struct PermissionsCheck: HostCheck {
  let title = "permissions"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    let open = scene.deployment.tree.files.filter { $0.permissions == .secret }.filter { file in
      // Of a link what it leads to.
      scene.folder.permissions(of: file.path).map { $0 & 0o077 != 0 } ?? false
    }
    guard let first = open.first else { return [.ok("files with secrets are closed to others")] }
    return [
      .error(
        "\(first.path)\(open.count > 1 ? " and \(open.count - 1) more files" : "") with secrets can be read by others",
        remedy: "Close them: \(run: ["chmod", "600"] + open.map(\.path))")
    ]
  }
}

/// Whether SELinux keeps containers from the folder.
struct LabelsCheck: HostCheck {
  let title = "SELinux"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    guard let kernel = try? ConfinedFolder(outside: "/sys/fs/selinux"), let text = try? kernel.read("enforce") else {
      return []
    }
    guard text.first == UInt8(ascii: "1") else { return [.ok("it does not enforce")] }
    return [
      .warning(
        "SELinux enforces, and may keep containers from this folder",
        remedy: "Label it: \(run: "chcon", "-Rt", "container_file_t", scene.folder.path)")
    ]
  }
}

/// Whether the clock can be believed: certificates and passwords expire by it.
struct ClockCheck: HostCheck {
  let title = "clock"

  func findings(in scene: HostScene) async throws -> [CheckFinding] {
    if let last = try scene.state?.lastEvent, last.seconds > scene.now.seconds + 120 {
      return [
        .error(
          "it is \(scene.now), but the newest entry of history is of \(last)",
          remedy: "Set the clock: \(run: "timedatectl", "set-ntp", "true")")
      ]
    }
    let answer = try? await ExternalCommand(words: ["timedatectl", "show", "--property", "NTPSynchronized", "--value"])
      .outcome(within: 5)
    if answer?.output.hasPrefix("no") == true {
      return [
        .warning(
          "it is \(scene.now), and no time server says whether that is right",
          remedy: "Have it set: \(run: "timedatectl", "set-ntp", "true")")
      ]
    }
    return [.ok("it is \(scene.now)")]
  }
}

/// Whether State can be read to its last page, and is what its chain of events tells.
struct StateCheck: HostCheck {
  let title = "state"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    guard let state = scene.state else {
      return [.warning("nothing is remembered here yet", remedy: "Run \(dioptra: "init")")]
    }
    if let fault = try state.firstFault() {
      return [
        .error("\(State.file) is damaged: \(fault)", remedy: "Restore .dioptra from a backup, and look after the disk")
      ]
    }
    if let problem = try state.verify().problem {
      return [
        .error(
          "\(State.file) was altered: \(problem)",
          remedy: "See \(dioptra: "history", "verify"), and restore .dioptra from a backup")
      ]
    }
    return [.ok("\(State.file) is whole, and its chain of events too")]
  }
}
