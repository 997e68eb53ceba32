public import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Adopts a folder made by the reference template, or one made by dioptra that lost its State: works out what it is
/// from its files and an engine. Only `dioptra.yaml` and State are added; nothing else changes.
public struct Adoption {
  /// What made the folder.
  public enum Origin: String, Codable, Sendable {
    case reference
    case dioptra
  }

  /// The folder that was inspected.
  public let folder: ConfinedFolder
  /// Who made the folder.
  public let origin: Origin
  /// The adopted deployment, as `configuration` describes it.
  public let deployment: Deployment
  /// The adopted deployment, as `configuration` describes it. or the one that is there already.
  public let configuration: ConfigurationFile
  /// The template's release that fits the folder best.
  public var templateRelease: String { files.release }
  /// Notes for the user, as sentences.
  public let notes: [String]
  /// The claimed volumes, which have no label of dioptra.
  public var claims: [String] { survey.claims.map(\.volume) }

  let registry: ComponentRegistry
  let values: AdoptedValues
  let files: AdoptedFiles
  let survey: AdoptionSurvey
  /// Whether `dioptra.yaml` already exists.
  let isConfigured: Bool

  /// Inspects the folder; read-only.
  ///
  /// - Parameters:
  /// - registry: The components that a deployment may consist of.
  /// - fingerprints: The fingerprints of the reference template.
  /// - committed: The folder's own identity, if dioptra rendered it.
  /// - taken: For secrets about which files disagree: the right place, as `PATH` or `PATH:NAME`.
  /// - survey: What an engine reports about it.
  /// - Throws: `DioptraError` if the folder cannot be adopted.
  package init(
    of folder: ConfinedFolder, registry: ComponentRegistry, fingerprints: ReferenceFingerprints, committed: Identity?,
    taking taken: [SecretName: String] = [:], survey: AdoptionSurvey = AdoptionSurvey()
  ) throws {
    self.folder = folder
    self.registry = registry
    self.survey = survey
    origin = committed == nil ? .reference : .dioptra
    let reference = try ReferenceFolder(
      folder, in: registry.dialect, isOurs: committed != nil, answer: survey.answer)
    values = try AdoptedValues(reference, registry: registry, taking: taken)
    let written = try folder.read(ConfigurationFile.name).map { String(decoding: $0, as: UTF8.self) }
    isConfigured = written != nil
    let chosen = try AdoptedConfiguration(values, reference, registry: registry, survey: survey)
    let identity = committed ?? Identity(deployment: Identity.unnamed, folder: folder.path)
    var file = try written.map { try ConfigurationFile(text: $0) } ?? chosen.file()
    var deployment = try Deployment(registry: registry, file: file, identity: identity)
    let found = try Self.files(folder, reference, values, fingerprints, deployment, survey: survey)
    let release = chosen.release(template: found.release, of: fingerprints)
    if written == nil, origin == .reference, deployment.configuration.release != release {
      file = try chosen.file(release: release)
      deployment = try Deployment(registry: registry, file: file, identity: identity)
    }
    self.files = found
    notes = values.notes + reference.settingNotes + (written == nil ? chosen.notes : []) + survey.notes + found.notes
    self.configuration = file
    self.deployment = deployment
  }

  private static func files(
    _ folder: ConfinedFolder, _ reference: ReferenceFolder, _ values: AdoptedValues,
    _ fingerprints: ReferenceFingerprints,
    _ deployment: Deployment, survey: AdoptionSurvey
  ) throws -> AdoptedFiles {
    let owners = AdoptedOwners(deployment)
    let configuration = deployment.configuration
    if reference.isOurs {
      let secrets = SecretValues(
        Dictionary(
          uniqueKeysWithValues: values.secrets.map {
            (SecretReference(name: $0.key, version: SecretReference.firstVersion), $0.value)
          })
      ).completed(for: deployment.blueprint.secrets.map(\.value))
      let rendered = try deployment.tree.files.map { ($0.path, try $0.bytes(secrets: secrets)) }
      return try AdoptedFiles(
        folder, rendered: Dictionary(uniqueKeysWithValues: rendered),
        release: configuration.release, owner: owners.owner)
    }
    let substitutions = fingerprints.placeholders.compactMap { placeholder -> ReferenceLines.Substitution? in
      let name = placeholder == "{slug}" ? Renderer.slugVariable.rawValue : String(placeholder.dropFirst().dropLast())
      return values.variables[name].map { .init(text: $0, placeholder: placeholder) }
        ?? configuration.entry(VariableName(name)).map { .init(text: $0.value, placeholder: placeholder) }
    }
    let lines = ReferenceLines(substitutions + values.substitutions, numbered: fingerprints.numbered)
    let outputs = deployment.blueprint.files.compactMap { file in file.standaloneOutput.map { (file.path, $0) } }
    return try AdoptedFiles(
      folder, slug: reference.slug, fingerprints: fingerprints,
      outputs: Dictionary(outputs) { first, _ in first },
      preferred: values.variables["container_tag"] ?? "", lines: lines,
      outputLines: lines.adding(values.secretSubstitutions), owner: owners.owner)
  }
}

/// The component that owns a file of the folder.
struct AdoptedOwners {
  private let owners: [String: ComponentID]
  private let first: ComponentID

  init(_ deployment: Deployment) {
    owners = Dictionary(deployment.tree.files.map { ($0.path, $0.component) }) { first, _ in first }
    first = deployment.configuration.components.first?.id ?? ""
  }

  /// The component that contributes the file, or most files in the same folder.
  func owner(_ path: String) -> ComponentID {
    if let owner = owners[path] { return owner }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    guard !folder.isEmpty else { return first }
    let near = owners.filter { $0.key.hasPrefix(folder) && !$0.key.dropFirst(folder.count).contains("/") }
    let counts = near.values.reduce(into: [ComponentID: Int]()) { $0[$1, default: 0] += 1 }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? first
  }
}
