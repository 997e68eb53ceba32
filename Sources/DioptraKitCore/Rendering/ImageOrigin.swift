package import DioptraModel
internal import DioptraSystem

extension Deployment {
  /// Which choice led to an image, and what to do if it cannot be pulled.
  package func advice(onMissing image: String) -> String {
    let registry = image.registry
    let login = "log in to its registry with `docker login\(registry.map { " \($0)" } ?? "")` if it asks for that"
    let names = choosers(of: image)
    guard let last = names.last else { return login }
    let list = names.map { name in
      guard let variable = configuration.variables.first(where: { $0.name == name }),
        configuration.entry(name)?.layer == .derived, case .derived(let explanation, _) = variable.defaultValue
      else { return name.rawValue }
      return "\(name) (by default \(explanation))"
    }.joined(separator: " and ")
    return "it is chosen by \(list) in dioptra.yaml: choose another with `dioptra config set \(last)=…`, or \(login)"
  }

  /// The variables that an image's name is made of.
  package func choosers(of image: String) -> [VariableName] {
    let texts = (blueprint.services + blueprint.initServices).map(\.image).filter { (try? plainTexts([$0])) == [image] }
    return texts.flatMap(\.segments).reduce(into: []) { names, segment in
      if case .variable(let name, _) = segment.content, !names.contains(name) { names.append(name) }
    }
  }
}

extension String {
  /// The registry in an image's name; nil for Docker's own.
  fileprivate var registry: Substring? {
    guard let slash = firstIndex(of: "/") else { return nil }
    let host = self[..<slash]
    return host.contains(".") || host.contains(":") || host == "localhost" ? host : nil
  }
}
