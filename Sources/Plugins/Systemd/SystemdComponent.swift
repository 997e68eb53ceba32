package import DioptraKitCore

/// A unit that starts and stops the deployment with the host.
package struct SystemdComponent: AdoptableComponent {
  package let id: ComponentID = "systemd"
  package let summary = "A systemd unit for the deployment"
  package let requires: [ComponentID] = ["deployment"]

  package init() {}

  package var variables: [Variable] {
    [
      Variable(
        "systemd_required_mounts", .mountUnits, default: .value(""),
        help: "systemd mount units that must be up before the deployment starts, such as data.mount.",
        promptPosition: 50)
    ]
  }

  package var checks: [any DoctorCheck] { [UnitCheck()] }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] { try recognized(in: reference) }

  static let file = "systemd/dioptra.service"

  /// The unit's name, without extension, for a deployment's prefix.
  static func unit(of slug: String) -> String {
    slug == "dioptra-deployment" ? "dioptra" : slug
  }

  package func contributions(in context: Context) throws -> [Contribution] {
    try [
      // A percent sign would begin one of systemd's specifiers.
      unit(
        Self.file,
        workingDirectory: context.identity.folder.unicodeScalars.reduce(into: "") {
          $0 += $1 == "%" ? "%%" : String($1)
        }, in: context),
      unit(
        "scripts/templates/dioptra.service.j2", workingDirectory: "{{ working_directory }}", in: context,
        standaloneOutput: Self.file),
      .readmeRow(ReadmeRow("systemd/", "A unit that starts the deployment with the host")),
    ]
  }

  private func unit(
    _ path: String, workingDirectory: String, in context: Context, standaloneOutput: String? = nil
  ) throws -> Contribution {
    let slug = try context.configuration["project_slug"]
    return try .file(
      FolderFile(
        path,
        .template(
          Templates.dioptraService,
          [
            "working_directory": .text(Text(workingDirectory)),
            "unit": .text(Text(Self.unit(of: slug))),
            "has_mounts": .flag(!context.isBlank("systemd_required_mounts")),
          ]),
        standaloneOutput: standaloneOutput))
  }
}
