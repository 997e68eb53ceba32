public import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// Takes over a folder that the reference template made, or one of ours whose State was lost: what it is, as its files
/// tell, and as an engine does. Nothing in it is changed but what is added: `dioptra.yaml` and State.
public struct Adoption {
  /// What made the folder.
  public enum Origin: String, Codable, Sendable {
    case reference
    case dioptra
  }

  public let folder: ConfinedFolder
  public let origin: Origin
  /// What the deployment is, as `dioptra.yaml` says it from now on.
  public let deployment: Deployment
  public let configuration: ConfigurationFile
  /// The template's release that the folder is most like.
  public var templateRelease: String { files.release }
  /// What a person should know, in sentences.
  public let notes: [String]
  /// The volumes that are this deployment's from now on, although they have no label of ours.
  public var claims: [String] { survey.claims.map(\.volume) }

  let registry: ComponentRegistry
  let values: AdoptedValues
  let files: AdoptedFiles
  let survey: AdoptionSurvey
  /// Whether `dioptra.yaml` is there already.
  let isConfigured: Bool

  /// Looks; writes nothing.
  ///
  /// - Parameters:
  ///   - registry: The components that a deployment may be made of.
  ///   - figures: What the reference template writes.
  ///   - committed: What the folder says about itself where dioptra rendered it.
  ///   - taken: For secrets that do not agree: the place that is right, as `PATH` or `PATH:NAME`.
  ///   - survey: What an engine says about it.
  /// - Throws: `DioptraError` for what cannot be adopted.
  public init(
    of folder: ConfinedFolder, registry: ComponentRegistry, figures: ReferenceFigures, committed: Identity?,
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
    let found = try Self.files(folder, reference, values, figures, deployment, survey: survey)
    let release = chosen.release(template: found.release, of: figures)
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
    _ folder: ConfinedFolder, _ reference: ReferenceFolder, _ values: AdoptedValues, _ figures: ReferenceFigures,
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
    let fillings = figures.placeholders.compactMap { placeholder -> ReferenceLines.Filling? in
      let name = placeholder == "{slug}" ? Renderer.slugVariable.rawValue : String(placeholder.dropFirst().dropLast())
      return values.variables[name].map { .init(text: $0, placeholder: placeholder) }
        ?? configuration.entry(VariableName(name)).map { .init(text: $0.value, placeholder: placeholder) }
    }
    let lines = ReferenceLines(fillings + values.fillings, numbered: figures.numbered)
    let outputs = deployment.blueprint.files.compactMap { file in file.standaloneOutput.map { (file.path, $0) } }
    return try AdoptedFiles(
      folder, slug: reference.slug, figures: figures,
      outputs: Dictionary(outputs) { first, _ in first },
      preferred: values.variables["container_tag"] ?? "", lines: lines,
      outputLines: lines.adding(values.secretFillings), owner: owners.owner)
  }
}

/// Which component a file of the folder belongs to.
struct AdoptedOwners {
  private let owners: [String: ComponentID]
  private let first: ComponentID

  init(_ deployment: Deployment) {
    owners = Dictionary(deployment.tree.files.map { ($0.path, $0.component) }) { first, _ in first }
    first = deployment.configuration.components.first?.id ?? ""
  }

  /// The component that brings the file, or most of the files in the same folder.
  func owner(_ path: String) -> ComponentID {
    if let owner = owners[path] { return owner }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    guard !folder.isEmpty else { return first }
    let near = owners.filter { $0.key.hasPrefix(folder) && !$0.key.dropFirst(folder.count).contains("/") }
    let counts = near.values.reduce(into: [ComponentID: Int]()) { $0[$1, default: 0] += 1 }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? first
  }
}
