package import DioptraModel

extension Deployment {
  /// The variables that an image's name is made of.
  package func choosers(of image: String) -> [VariableName] {
    let texts = (blueprint.services + blueprint.initServices).map(\.image).filter { (try? plainTexts([$0])) == [image] }
    return texts.flatMap(\.segments).reduce(into: []) { names, segment in
      if case .variable(let name, _) = segment.content, !names.contains(name) { names.append(name) }
    }
  }
}
