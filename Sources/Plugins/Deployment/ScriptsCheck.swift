import DioptraKitCore

/// Whether a shell can read the scripts of initialisation: a carriage return is part of a command.
struct ScriptsCheck: DoctorCheck {
  let title = "scripts"
  let isGuard = true

  func findings(in context: CheckContext) throws -> [CheckFinding] {
    let scripts = context.tree.files.filter { $0.permissions == .executable || $0.path.hasSuffix(".sh") }
    let spoilt = try scripts.filter { file in
      guard case .file? = try context.folder.entry(file.path), let bytes = try context.folder.read(file.path) else {
        return false
      }
      return bytes.contains(UInt8(ascii: "\r"))
    }
    guard let first = spoilt.first else {
      return [.ok("\(scripts.count) scripts have the right line endings")]
    }
    return [
      .error(
        "\(first.path)\(spoilt.count > 1 ? " and \(spoilt.count - 1) more scripts" : "") cannot be run: lines end with a "
          + "carriage return",
        remedy: "Give them their line endings back: \(run: ["dioptra", "drift", "--repair"] + spoilt.map(\.path))")
    ]
  }
}
