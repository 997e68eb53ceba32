internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Glibc

/// Whether files with secrets are private.
struct PermissionsCheck: HostCheck {
  let title = "permissions"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    let open = host.deployment.tree.files.filter { $0.permissions == .secret }.filter { file in
      // For a link, its target.
      host.folder.permissions(of: file.path).map { $0 & 0o077 != 0 } ?? false
    }
    guard let first = open.first else { return [.ok("files with secrets are private")] }
    return [
      .error(
        "\(first.path)\(open.count > 1 ? " and \(open.count - 1) more files" : "") with secrets can be read by others",
        remedy: "Make them private: \(run: ["chmod", "600"] + open.map(\.path))")
    ]
  }
}

/// Whether SELinux keeps containers from reading the folder.
struct LabelsCheck: HostCheck {
  let title = "SELinux"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    guard let kernel = try? ConfinedFolder(outside: "/sys/fs/selinux"), let text = try? kernel.read("enforce") else {
      return []
    }
    guard text.first == UInt8(ascii: "1") else { return [.ok("not enforcing")] }
    return [
      .warning(
        "SELinux is enforcing and may keep containers from reading this folder",
        remedy: "Label it: \(run: "chcon", "-Rt", "container_file_t", host.folder.path)")
    ]
  }
}

/// Whether the clock is right: certificates and passwords expire by it.
struct ClockCheck: HostCheck {
  let title = "clock"

  func findings(in host: HostContext) async throws -> [CheckFinding] {
    if let last = try host.state?.lastEvent, last.seconds > host.now.seconds + 120 {
      return [
        .error(
          "it is \(host.now), but the newest entry of the history is from \(last)",
          remedy: "Set the clock: \(run: "timedatectl", "set-ntp", "true")")
      ]
    }
    let answer = try? await ExternalCommand(arguments: [
      "timedatectl", "show", "--property", "NTPSynchronized", "--value",
    ])
    .outcome(within: 5)
    if answer?.output.hasPrefix("no") == true {
      return [
        .warning(
          "it is \(host.now), and the clock is not synchronised with a time server",
          remedy: "Synchronise it: \(run: "timedatectl", "set-ntp", "true")")
      ]
    }
    return [.ok("it is \(host.now)")]
  }
}

/// Whether State is readable to its last page, and matches its chain of events.
struct StateCheck: HostCheck {
  let title = "state"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    guard let state = host.state else {
      return [.warning("nothing is remembered here yet", remedy: "Run \(dioptra: "init")")]
    }
    if let fault = try state.firstFault() {
      return [
        .error("\(State.file) is damaged: \(fault)", remedy: "Restore .dioptra from a backup, and check the disk")
      ]
    }
    if let problem = try state.verify().problem {
      return [
        .error(
          "\(State.file) was altered: \(problem)",
          remedy: "See \(dioptra: "history", "verify"), and restore .dioptra from a backup")
      ]
    }
    return [.ok("\(State.file) is intact, and so is its chain of events")]
  }
}
