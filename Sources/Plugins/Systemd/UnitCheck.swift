import DioptraKitCore

/// Whether the unit on this host is the one in the folder.
struct UnitCheck: DoctorCheck {
  let title = "systemd"
  let appearsInStatus = true

  func findings(in context: CheckContext) throws -> [CheckFinding] {
    let unit = SystemdComponent.unit(of: try context.configuration["project_slug"])
    guard let units = try? ConfinedFolder(outside: "/etc/systemd/system"),
      let installed = try units.read("\(unit).service")
    else { return [] }
    guard installed == (try context.folder.read(SystemdComponent.file)) else {
      return [
        .warning(
          "the installed \(unit).service is not the folder's",
          remedy:
            "Install it: \(run: "sudo", "cp", SystemdComponent.file, "/etc/systemd/system/\(unit).service"), then "
            + "\(run: "sudo", "systemctl", "daemon-reload")"
        )
      ]
    }
    return [.ok("\(unit).service starts the deployment with the host if it is enabled")]
  }
}
