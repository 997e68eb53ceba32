package import DioptraModel
internal import DioptraPlatform
package import DioptraRendering
package import DioptraState
package import DioptraSystem

/// Where a file, a variable, a service or a secret of a deployment comes from, and what it reaches.
package struct Explanation: Encodable, Equatable, Sendable {
  package enum Kind: String, Encodable, Sendable {
    case file
    case variable
    case service
    case secret
    case setting
    case component
  }

  /// A line of the explanation: what is told, and the words.
  package struct Fact: Encodable, Equatable, Sendable {
    package let title: String
    package let words: [String]
  }

  package let kind: Kind
  package let name: String
  package let component: ComponentID
  package private(set) var facts: [Fact] = []

  init(_ kind: Kind, _ name: String, of component: ComponentID) {
    self.kind = kind
    self.name = name
    self.component = component
  }

  /// Adds what there is to tell; nothing where there are no words.
  mutating func tell(_ title: String, _ words: [String]) {
    if !words.isEmpty { facts.append(Fact(title: title, words: words)) }
  }

  mutating func tell(_ title: String, _ words: String?) {
    tell(title, words.map { [$0] } ?? [])
  }
}

/// Finds out where things come from.
package struct Explainer {
  let deployment: Deployment
  let registry: ComponentRegistry
  let file: ConfigurationFile
  let folder: ConfinedFolder
  let state: State?

  /// - Parameters:
  ///   - registry: The components that the deployment is made of, and others.
  ///   - file: The choices that it is made by.
  package init(
    _ deployment: Deployment, of registry: ComponentRegistry, by file: ConfigurationFile, in folder: ConfinedFolder,
    state: State?
  ) {
    self.deployment = deployment
    self.registry = registry
    self.file = file
    self.folder = folder
    self.state = state
  }

  var blueprint: Blueprint { deployment.blueprint }

  /// Explains what a word names: a path, perhaps with `:LINE`, a variable, a service, a secret or a setting of `.env`.
  ///
  /// - Parameter generation: The number of the generation that has the file; nil for the newest, and for all else.
  /// - Throws: `DioptraError` when nothing is called so.
  package func explanation(of word: String, in generation: Int? = nil) throws -> Explanation {
    let files = try ExplainedFiles(self, in: generation)
    if let file = try files[word] { return try explanation(of: file) }
    if let (path, line) = Self.line(of: word), let file = try files[path] {
      return try explanation(of: file, line: line)
    }
    try files.requireNewest(word)
    if let variable = try? deployment.configuration.variables.named(word) { return explanation(of: variable) }
    if let service = service(word) { return try explanation(of: service) }
    if let secret = blueprint.secrets.first(where: { $0.name.rawValue == word }) {
      return try explanation(of: secret)
    }
    if let setting = blueprint.settings.first(where: { $0.name == word }) { return try explanation(of: setting) }
    if let component = registry[ComponentID(word)] { return try explanation(of: component) }
    throw DioptraError(
      .nameUnknown, "nothing in this deployment is called \(word.quoted)",
      remedy: .name(like: word, in: names)
        ?? "Give a path, a variable, a service or a secret; \(dioptra: "component", "show") lists their names")
  }

  private var names: [String] {
    deployment.tree.files.map(\.path) + deployment.configuration.variables.map(\.name.rawValue)
      + blueprint.services.map(\.name.rawValue) + blueprint.secrets.map(\.name.rawValue)
      + blueprint.settings.map(\.name)
  }

  private func service(_ word: String) -> Owned<Service>? {
    let name = deployment.shortName(of: word)
    return (blueprint.services + blueprint.initServices).first { $0.name.rawValue == name }
  }

  /// The parts of `PATH:LINE`.
  private static func line(of word: String) -> (String, Int)? {
    guard let colon = word.lastIndex(of: ":"), let line = Int(word[word.index(after: colon)...]), line > 0 else {
      return nil
    }
    return (String(word[..<colon]), line)
  }
}
