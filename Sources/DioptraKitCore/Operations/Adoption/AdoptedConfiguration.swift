internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The `dioptra.yaml` of an adopted folder: recognised values that differ from the defaults, and every image, so that
/// none is ever downgraded.
struct AdoptedConfiguration {
  private let registry: ComponentRegistry
  private let values: [VariableName: String]
  private let disabled: Set<ComponentID>
  /// Notes for the user, as sentences.
  private(set) var notes: [String] = []

  /// - Throws: `DioptraError` for an invalid image, prefix or port.
  init(
    _ found: AdoptedValues, _ reference: ReferenceFolder, registry: ComponentRegistry, survey: AdoptionSurvey
  ) throws {
    self.registry = registry
    disabled = found.disabled
    var values: [VariableName: String] = [:]
    let context = try Self.context(in: reference, registry)
    for variable in registry.components.flatMap(\.variables) {
      if let value = survey.values[variable.name] {
        values[variable.name] = value
      } else if let value = found.variables[variable.name.rawValue] {
        do throws(DioptraError) {
          values[variable.name] = try variable.accept(survey.pins[value] ?? value)
        } catch {
          // Values that decide which data are used, or who can access them, are never guessed.
          guard !variable.type.isVital else { throw error }
          notes.append(
            "\(variable.name) is \(value.quoted) in the folder, which dioptra does not accept: \(error.remedy.lowercasedFirst)"
              + "; it has its default until you set it in dioptra.yaml")
        }
      } else if let value = context[variable.name.rawValue] {
        // What no file shows may be in the template's own notes.
        do throws(DioptraError) {
          values[variable.name] = try variable.accept(value)
        } catch {
          notes.append(
            "\(variable.name) is \(value.quoted) in .cruft.json, which dioptra does not accept: "
              + "\(error.remedy.lowercasedFirst); it has its default until you set it in dioptra.yaml")
        }
      }
    }
    self.values = values
  }

  /// The values in the notes of the template's generator; empty if the user did not keep them.
  private static func context(in reference: ReferenceFolder, _ registry: ComponentRegistry) throws -> [String: String] {
    guard let text = try reference.text(".cruft.json") else { return [:] }
    let variables = registry.components.flatMap(\.variables)
    return (try? ValuesFile(text: text, name: ".cruft.json", variables: variables).values) ?? [:]
  }

  /// - Parameter release: The release of Dioptra, if it does not follow from the other values.
  func file(release: String? = nil) throws -> ConfigurationFile {
    var chosen: [String: String] = [:]
    var pinned: Set<VariableName> = []
    let variables = registry.components.flatMap(\.variables)
    for variable in variables {
      guard let value = values[variable.name], case .value(let standard) = variable.defaultValue else { continue }
      if variable.type.namesImages { pinned.insert(variable.name) }
      if try variable.accept(standard) != value { chosen[variable.name.rawValue] = value }
    }
    // A value that is derived by default is only written if it differs.
    for variable in variables {
      guard let value = values[variable.name], case .derived = variable.defaultValue else { continue }
      let configuration = try Configuration(registry: registry, chosen: chosen, disabled: disabled)
      if let entry = configuration.entry(variable.name), entry.value != value { chosen[variable.name.rawValue] = value }
    }
    if let release { chosen[Configuration.releaseVariable.rawValue] = release }
    return try ConfigurationFile.new(
      Configuration(registry: registry, chosen: chosen, disabled: disabled), registry: registry, disabled: disabled,
      pinned: pinned.union(variables.prefix(1).map(\.name) + [Renderer.slugVariable]))
  }

  /// The deployment's release of Dioptra: that of its images, otherwise that of the template that wrote the folder.
  func release(template: String, of fingerprints: ReferenceFingerprints) -> String {
    let known = registry.components.flatMap(\.variables).first { $0.name == Configuration.releaseVariable }
    if let tag = values["container_tag"], (try? known?.accept(tag)) == tag { return tag }
    // The template's current state is not a release.
    let releases = fingerprints.releases.dropLast()
    return releases.contains(template) ? template : releases.last ?? template
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

extension VariableType {
  fileprivate var isVital: Bool {
    namesImages || [Self.slug, .port, .count, .boolean].map(\.name).contains(name)
  }

  /// Whether values of the type determine which image runs.
  var namesImages: Bool {
    [Self.image, .imageName, .imageTag, .registry].map(\.name).contains(name)
  }
}
