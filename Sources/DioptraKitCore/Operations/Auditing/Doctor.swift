public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Checks every prerequisite of a deployment, the framework's and those of its components.
public struct Doctor {
  /// A prerequisite with its findings.
  public struct Diagnosis: Encodable, Equatable, Sendable {
    /// What was checked, such as `disk`.
    public let title: String
    /// What was found, for the check as a whole or for each thing that it looked at.
    public let findings: [CheckFinding]

    /// - Parameter title: What was checked, such as `disk`.
    public init(title: String, findings: [CheckFinding]) {
      self.title = title
      self.findings = findings
    }
  }

  /// Everything that was looked at.
  public struct Report: Encodable, Sendable {
    /// The worst level of all findings.
    public let level: CheckFinding.Level
    /// The prerequisites with findings. Unreadable State and an invalid `dioptra.yaml` come first.
    public let checks: [Diagnosis]
  }

  /// Looks at a deployment, also one whose configuration or State is unreadable. Writes nothing and takes no lock.
  public static func report(on folder: ConfinedFolder, in context: OperationContext) async throws -> Report {
    let partial = try PartialView(of: folder, in: context, withoutState: true)
    var diagnoses: [Diagnosis] = []
    if let view = partial.view {
      let host = try await HostContext.looking(
        at: view.deployment, on: context.platform, in: folder, state: view.state, now: context.now())
      diagnoses = await Doctor(host).diagnoses()
    }
    try Task.checkCancellation()
    for part in [ConfigurationFile.name, "state"] {
      let findings = partial.faults.filter { $0.part == part }.map { CheckFinding.error($0.error) }
      guard !findings.isEmpty else { continue }
      diagnoses.removeAll { $0.title == part }
      diagnoses.insert(Diagnosis(title: part, findings: findings), at: 0)
    }
    return Report(level: diagnoses.flatMap(\.findings).map(\.level).max() ?? .ok, checks: diagnoses)
  }

  private let host: HostContext

  /// - Parameter host: The deployment, and what is known of the host. `report(on:in:)` collects that by itself.
  public init(_ host: HostContext) {
    self.host = host
  }

  /// What the framework itself needs on a host.
  private var checks: [any HostCheck] {
    [
      EngineCheck(), ProjectCheck(words: host.deployment.dialect.words), ImagesCheck(), DiskCheck(), PortsCheck(),
      RuntimesCheck(), ProxiesCheck(), PermissionsCheck(), CopiesCheck(), LinksCheck(), MarkersCheck(), LabelsCheck(),
      SettingsCheck(),
      ClockCheck(), StateCheck(),
    ]
  }

  /// Every prerequisite that concerns the deployment. A check that fails to run is reported as an error.
  public func diagnoses() async -> [Diagnosis] {
    var diagnoses: [Diagnosis] = []
    for check in checks { diagnoses += await diagnosis(check.title) { try await check.findings(in: host) } }
    return diagnoses + (await self.diagnoses(host.deployment.configuration.components.flatMap(\.checks)))
  }

  /// The few that `status` shows.
  public func shortDiagnoses() async -> [Diagnosis] {
    await diagnoses(host.deployment.configuration.components.flatMap(\.checks).filter(\.appearsInStatus))
  }

  private func diagnoses(_ checks: [any DoctorCheck]) async -> [Diagnosis] {
    let context = host.component
    var diagnoses: [Diagnosis] = []
    for check in checks { diagnoses += await diagnosis(check.title) { try await check.findings(in: context) } }
    return diagnoses
  }

  /// Empty if there is no finding.
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
