/// Looks at every prerequisite of a deployment, the framework's own and those of its components.
public struct Doctor {
  /// A prerequisite with what was found.
  public struct Diagnosis: Encodable, Equatable, Sendable {
    public let title: String
    public let findings: [CheckFinding]

    public init(title: String, findings: [CheckFinding]) {
      self.title = title
      self.findings = findings
    }
  }

  private let scene: CheckScene

  public init(_ scene: CheckScene) {
    self.scene = scene
  }

  /// What the framework itself needs of a host, whatever the components.
  static let checks: [any DoctorCheck] = [
    EngineCheck(), ComposeCheck(), ImagesCheck(), DiskCheck(), PortsCheck(), RuntimesCheck(), PermissionsCheck(),
    CopiesCheck(),
    LinksCheck(), MarkersCheck(), LabelsCheck(), ClockCheck(), StateCheck(),
  ]

  /// Every prerequisite that concerns the deployment. A check that cannot be carried out is an error of its own.
  public func diagnoses() async -> [Diagnosis] {
    await diagnoses(Self.checks + scene.deployment.configuration.components.flatMap(\.checks))
  }

  /// The few that are told at a glance.
  public func shortDiagnoses() async -> [Diagnosis] {
    await diagnoses(scene.deployment.configuration.components.flatMap(\.checks).filter(\.appearsInStatus))
  }

  private func diagnoses(_ checks: [any DoctorCheck]) async -> [Diagnosis] {
    var diagnoses: [Diagnosis] = []
    for check in checks {
      let findings: [CheckFinding]
      do {
        findings = try await check.findings(in: scene)
      } catch let error as DioptraError {
        findings = [.error(error.problem, remedy: error.remedy)]
      } catch {
        findings = [.error("it cannot be told: \(error)", remedy: "Run `dioptra doctor` again")]
      }
      if !findings.isEmpty { diagnoses.append(Diagnosis(title: check.title, findings: findings)) }
    }
    return diagnoses
  }
}
