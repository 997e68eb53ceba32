public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

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

  private let scene: HostScene

  public init(_ scene: HostScene) {
    self.scene = scene
  }

  /// What the framework itself needs of a host, whatever the components.
  static let checks: [any HostCheck] = [
    EngineCheck(), ComposeCheck(), ImagesCheck(), DiskCheck(), PortsCheck(), RuntimesCheck(), PermissionsCheck(),
    CopiesCheck(), LinksCheck(), MarkersCheck(), LabelsCheck(),
    SettingsCheck(), ClockCheck(), StateCheck(),
  ]

  /// Every prerequisite that concerns the deployment. A check that cannot be carried out is an error of its own.
  public func diagnoses() async -> [Diagnosis] {
    var diagnoses: [Diagnosis] = []
    for check in Self.checks { diagnoses += await diagnosis(check.title) { try await check.findings(in: scene) } }
    return diagnoses + (await self.diagnoses(scene.deployment.configuration.components.flatMap(\.checks)))
  }

  /// The few that are told at a glance.
  public func shortDiagnoses() async -> [Diagnosis] {
    await diagnoses(scene.deployment.configuration.components.flatMap(\.checks).filter(\.appearsInStatus))
  }

  private func diagnoses(_ checks: [any DoctorCheck]) async -> [Diagnosis] {
    let scene = scene.component
    var diagnoses: [Diagnosis] = []
    for check in checks { diagnoses += await diagnosis(check.title) { try await check.findings(in: scene) } }
    return diagnoses
  }

  /// Nothing where nothing was found.
  private func diagnosis(
    _ title: String, _ findings: () async throws -> [CheckFinding]
  ) async -> [Diagnosis] {
    let found: [CheckFinding]
    do {
      found = try await findings()
    } catch let error as DioptraError {
      found = [.error(error)]
    } catch {
      found = [.error("it cannot be told: \(error)", remedy: "Run \(dioptra: "doctor") again")]
    }
    return found.isEmpty ? [] : [Diagnosis(title: title, findings: found)]
  }
}
