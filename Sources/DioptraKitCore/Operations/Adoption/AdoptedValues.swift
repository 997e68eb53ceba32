internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What the components recognise in a folder, combined: consistent values of variables and secrets.
struct AdoptedValues {
  /// By variable.
  private(set) var variables: [String: String] = [:]
  private(set) var secrets: [SecretName: String] = [:]
  private(set) var disabled: Set<ComponentID> = []
  private(set) var notes: [String] = []
  /// Texts that the template wrote in place of its placeholders.
  private(set) var substitutions: [ReferenceLines.Substitution] = []
  /// Texts that stand for secrets in files that contain nothing else.
  private(set) var secretSubstitutions: [ReferenceLines.Substitution] = []

  /// - Parameters:
  /// - taken: For secrets about which files disagree: the right place, as `PATH` or `PATH:NAME`.
  /// - Throws: `DioptraError` if the folder cannot be adopted; `SecretDisagreements`.
  init(_ reference: ReferenceFolder, registry: ComponentRegistry, taking taken: [SecretName: String]) throws {
    var found: [SecretName: [(place: String, value: String)]] = [:]
    var order: [SecretName] = []
    for case let component as any AdoptableComponent in registry.components {
      let findings = try component.findings(in: reference)
      // Findings of a disabled component do not count.
      if findings.contains(.disabled) {
        disabled.insert(component.id)
        notes += findings.compactMap { if case .note(let text) = $0 { text } else { nil } }
        continue
      }
      for finding in findings {
        switch finding {
        case .variable(let name, let value): if variables[name.rawValue] == nil { variables[name.rawValue] = value }
        case .secret(let name, let value, let place):
          if found[name] == nil { order.append(name) }
          found[name, default: []].append((place, value))
        case .absent(let name, let places):
          throw DioptraError(
            .secretInvalid,
            "the secret \(name) is nowhere: \(places.joined(separator: ", ")) "
              + (places.count == 1 ? "is missing" : "are missing"),
            remedy: "Bring it back into one of those places, with the value that the deployment runs with")
        case .written(let placeholder, let text): substitutions.append(.init(text: text, placeholder: placeholder))
        case .note(let text): notes.append(text)
        case .disabled: break
        }
      }
    }
    var disagreements: [SecretDisagreements.Disagreement] = []
    for name in order {
      let places = try Self.chosen(name, found[name] ?? [], taken[name])
      secrets[name] = places.first?.value
      if Set(places.map(\.value)).count > 1 { disagreements.append(.init(name, places)) }
    }
    guard disagreements.isEmpty else { throw SecretDisagreements(all: disagreements) }
    if let unknown = taken.keys.sorted().first(where: { found[$0] == nil }) {
      throw DioptraError(
        .nameUnknown, "there is no secret \(unknown.rawValue.quoted) in the folder",
        remedy: .name(like: unknown.rawValue, in: order.map(\.rawValue)) ?? .oneOf(order.map(\.rawValue)))
    }
    secretSubstitutions = secrets.sorted { $0.key < $1.key }.flatMap { name, value in
      Set([value, value.percentEncoded]).map { .init(text: $0, placeholder: "{{ \(name) }}") }
    }
  }

  private static func chosen(
    _ name: SecretName, _ places: [(place: String, value: String)], _ taken: String?
  ) throws(DioptraError) -> [(place: String, value: String)] {
    guard let taken else { return places }
    let chosen = places.filter { $0.place == taken || $0.place.hasPrefix("\(taken):") }
    guard chosen.isEmpty else { return chosen }
    throw DioptraError(
      .secretInvalid, "the secret \(name) is not in \(taken.quoted)",
      remedy: "Give one of \(places.map(\.place).joined(separator: ", "))")
  }
}
