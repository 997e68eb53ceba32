import DioptraKitCore

extension SystemdComponent {
  /// The unit of a folder made by the reference template.
  func recognized(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    let sources = [Self.file, "scripts/templates/dioptra.service.j2"]
    guard let source = try sources.first(where: reference.has) else { return [.disabled] }
    let units = try reference.rest(after: "Requires=", in: source)?.split(separator: " ").map(String.init) ?? []
    let mounts = units.filter { $0.hasSuffix(".mount") }.joined(separator: " ")
    var findings: [AdoptionFinding] = mounts.isEmpty ? [] : [.variable("systemd_required_mounts", mounts)]
    if let directory = try reference.rest(after: "WorkingDirectory=", in: Self.file) {
      findings.append(.written("{{ working_directory }}", directory))
      if directory.replacing("%%", with: "%") != reference.folder.path {
        findings.append(
          .note("\(Self.file) is for the folder \(directory), but this one is \(reference.folder.path)"))
      }
    }
    return findings
  }
}
