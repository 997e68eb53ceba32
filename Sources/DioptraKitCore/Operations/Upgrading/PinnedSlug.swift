package import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
internal import DioptraSystem

/// The names of volumes, services and networks begin with `project_slug`: data under another prefix belong to another
/// deployment. Only a rename changes it.
extension State {
  /// Refuses a configuration whose prefix differs from that of the deployment's data.
  ///
  /// - Throws: `DioptraError` that points to `dioptra rename`.
  package func requireSameSlug(_ registry: ComponentRegistry, as configuration: Configuration) throws {
    guard let wanted = configuration.entry(Renderer.slugVariable)?.value, let text = try appliedConfiguration(),
      !text.contains("\n\(Renderer.slugVariable): \(wanted)\n")
    else {
      return
    }
    guard let held = registry.slug(in: text), held != wanted, try !isRenewed() else { return }
    throw DioptraError(
      .prefixChanged,
      "\(Renderer.slugVariable) is \(wanted.quoted) now, and the deployment's data are in volumes of the prefix "
        + held.quoted, remedy: "Run \(dioptra: "rename", wanted) to move them",
      "Write `\(Renderer.slugVariable): \(held)` into \(edit: ConfigurationFile.name)")
  }
}

extension ComponentRegistry {
  /// The prefix in a `dioptra.yaml`; nil if an older program wrote it and this one cannot read it.
  func slug(in text: String) -> String? {
    guard let file = try? ConfigurationFile(text: text),
      let configuration = try? Configuration(registry: self, chosen: file.values, disabled: file.disabled)
    else { return nil }
    return configuration.entry(Renderer.slugVariable)?.value
  }
}
