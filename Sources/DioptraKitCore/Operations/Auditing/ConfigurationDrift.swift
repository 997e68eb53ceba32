internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Changes of `dioptra.yaml` that were not rendered yet.
struct ConfigurationDrift {
  private(set) var findings: [DriftFinding] = []

  /// - Throws: `DioptraError` if the file is unreadable.
  init(_ expected: ExpectedFiles, in folder: ConfinedFolder, registry: () throws -> ComponentRegistry) throws {
    let path = ConfigurationFile.name
    let repair: DriftFinding.Resolution = expected.isApplied ? .repair : .initialize
    func add(
      _ kind: DriftFinding.Kind, _ resolution: DriftFinding.Resolution, _ component: ComponentID? = nil,
      _ detail: String? = nil
    ) {
      findings.append(
        DriftFinding(
          path: path, kind: kind, component: component ?? expected.component(near: path), resolution: resolution,
          detail: detail))
    }
    switch try folder.actual(path) {
    case .absent: add(.missing, repair)
    case .other(let entry): add(.type, repair, nil, "\(entry.phrase) stands in the file's place")
    case .file(let bytes, _):
      guard bytes != Array(expected.configuration.utf8) else { return }
      do {
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw DioptraError(.fileUnsuitable, "\(path) is not UTF-8 text", remedy: "Save \(edit: path) as UTF-8")
        }
        let changed = try Self.changed(from: expected.configuration, to: text, registry())
        guard !changed.isEmpty else { return }
        let owners = Set(changed.map(\.owner))
        add(
          .stale, .initialize, owners.count == 1 ? owners.first : nil,
          "not rendered yet: \(changed.map(\.name).joined(separator: ", "))")
      } catch let error as DioptraError {
        // `init` reports whether it can be rendered.
        add(.stale, .initialize, nil, error.problem)
      }
    }
  }

  private struct Choice: Equatable {
    let name: String
    let owner: ComponentID
  }

  /// The variables and components in which two configurations differ. A comment, or a default that is written out, is
  /// no difference.
  private static func changed(
    from old: String, to new: String, _ registry: ComponentRegistry
  ) throws -> [Choice] {
    func configuration(_ text: String) throws -> Configuration {
      let file = try ConfigurationFile(text: text)
      return try Configuration(registry: registry, file: file)
    }
    let after = try configuration(new)
    guard let before = try? configuration(old) else {
      // An older program's configuration, which this one does not understand.
      return [Choice(name: ConfigurationFile.name, owner: registry.components.first?.id ?? "")]
    }
    return registry.components.flatMap { component -> [Choice] in
      let (was, isNow) = (before.has(component.id), after.has(component.id))
      if was != isNow { return [Choice(name: "component \(component.id)", owner: component.id)] }
      return component.variables.filter { before.entry($0.name)?.value != after.entry($0.name)?.value }.map {
        Choice(name: $0.name.rawValue, owner: component.id)
      }
    }
  }
}

extension Configuration {
  fileprivate func has(_ id: ComponentID) -> Bool { components.contains { $0.id == id } }
}
