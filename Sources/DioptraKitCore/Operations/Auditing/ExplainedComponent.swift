internal import DioptraModel
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension Explainer {
  func explanation(of component: any Component) throws -> Explanation {
    var explanation = Explanation(.component, component.id.rawValue, of: component.id)
    explanation.tell("summary", component.summary)
    explanation.tell("version", String(component.version))
    explanation.tell("in the deployment", try recordedVersion(of: component))
    explanation.tell("requires", component.requires.map(\.rawValue))
    explanation.tell("variables", component.variables.map(\.name.rawValue))
    explanation.tell("files", deployment.tree.files.filter { $0.component == component.id }.map(\.path))
    return explanation
  }

  /// What the generation in place says; nil where it says nothing.
  private func recordedVersion(of component: any Component) throws -> String? {
    guard deployment.configuration.components.contains(where: { $0.id == component.id }) else { return "switched off" }
    guard let state, let id = try state.newestGeneration(), let version = try state.version(of: id) else { return nil }
    return version.components[component.id].map { "version \($0) as generation \(id) records it" }
  }
}
