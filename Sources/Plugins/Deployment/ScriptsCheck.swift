import DioptraKitCore

/// Whether the scripts that initialisation runs are ones that a shell can read: a carriage return is a part of a command.
struct ScriptsCheck: DoctorCheck {
  let title = "scripts"
  let isGuard = true

  func findings(in scene: CheckScene) throws -> [CheckFinding] {
    let scripts = scene.tree.files.filter { $0.permissions == .executable || $0.path.hasSuffix(".sh") }
    let spoilt = try scripts.filter { file in
      guard case .file? = try scene.folder.entry(file.path), let bytes = try scene.folder.read(file.path) else {
        return false
      }
      return bytes.contains(UInt8(ascii: "\r"))
    }
    guard let first = spoilt.first else {
      return [.ok("the lines of \(scripts.count) scripts end as shells read them")]
    }
    return [
      .error(
        "\(first.path)\(spoilt.count > 1 ? " and \(spoilt.count - 1) more scripts" : "") cannot be run: lines end with a "
          + "carriage return",
        remedy: "Give them their line endings back: \(run: ["dioptra", "drift", "--repair"] + spoilt.map(\.path))")
    ]
  }
}
