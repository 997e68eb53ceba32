internal import DioptraModel
internal import DioptraSystem

extension Deployment {
  /// Which choice led to an image, and what to do if it cannot be pulled.
  package func advice(onMissing image: String) -> String {
    let registry = image.registry
    let login = "log in to its registry with `docker login\(registry.map { " \($0)" } ?? "")` if it asks for that"
    let names = choosers(of: image).filter { $0 != RegistryMirrors.variable }
    guard let last = names.last else { return login }
    let list = names.map { name in
      guard let variable = configuration.variables.first(where: { $0.name == name }),
        configuration.entry(name)?.layer == .derived, case .derived(let explanation, _) = variable.defaultValue
      else { return name.rawValue }
      return "\(name) (by default \(explanation))"
    }.joined(separator: " and ")
    let isMirrored = images(called: image).contains(where: \.isMirrored)
    let mirror =
      isMirrored || configuration.entry(RegistryMirrors.variable) == nil
      ? ""
      : ", fetch it from a mirror with `dioptra config set \(RegistryMirrors.variable)=\(registry ?? "docker.io")=…`"
    return
      "it is chosen by \(list)\(isMirrored ? ", and its mirror by \(RegistryMirrors.variable)," : "") in dioptra.yaml: "
      + "choose another with `dioptra config set \(last)=…`\(mirror), or \(login)\(proxyNote)"
  }

  /// The engine fetches images itself.
  private var proxyNote: String {
    OutsideProxies(blueprint, in: context).isChosen
      ? "; the proxy in dioptra.yaml is for containers only, and the engine needs its own: "
        + "https://docs.docker.com/engine/daemon/proxy/" : ""
  }

  /// The variables that an image's name is made of.
  func choosers(of image: String) -> [VariableName] {
    images(called: image).flatMap(\.segments).reduce(into: []) { names, segment in
      if case .variable(let name, _) = segment.content, !names.contains(name) { names.append(name) }
    }
  }

  private func images(called image: String) -> [Text] {
    (blueprint.services + blueprint.initServices).map(\.image).filter { (try? plainTexts([$0])) == [image] }
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
