internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What the value of a variable decides.
///
/// The deployment is rendered with other values, and everything that comes out otherwise is reached: nothing is missed,
/// whatever way a value takes, through derived variables, counts or conditions.
struct VariableReach {
  /// Lines of one file.
  struct Lines {
    /// Those that are there now, from 1.
    var present: Set<Int> = []
    /// The lines after which other values would put more; 0 for the beginning.
    var insertions: Set<Int> = []
    /// Whether the file is there only with this value.
    var isWhole = false
  }

  /// The files that are there now.
  private(set) var files: [String: Lines] = [:]
  /// The files that other values would bring.
  private(set) var otherFiles: Set<String> = []
  private(set) var variables: Set<VariableName> = []
  private(set) var services: Set<ServiceName> = []
  private(set) var otherServices: Set<ServiceName> = []
  private(set) var steps: Set<StepID> = []
  private(set) var otherSteps: Set<StepID> = []
  /// Why there is nothing to compare with; nil where there is.
  private(set) var failure: DioptraError?
  /// Whether what other values bring goes by names that do not depend on the value.
  private let hasFewValues: Bool

  init(of variable: Variable, in deployment: Deployment, _ registry: ComponentRegistry, _ file: ConfigurationFile) {
    hasFewValues = !variable.type.choices.isEmpty || variable.type.name == VariableType.boolean.name
    for rendered in deployment.tree.files { trace(variable.name, in: rendered) }
    var chosen = file.values
    for name in [variable.name.rawValue] + variable.aliases { chosen[name] = nil }
    var isCompared = false
    let current = deployment.configuration.entry(variable.name)?.value ?? ""
    let mirrors = variable.name == RegistryMirrors.variable ? [Self.mirrors(of: deployment, besides: current)] : []
    for value in mirrors + variable.alternatives(to: current, among: deployment.configuration.variables) {
      chosen[variable.name.rawValue] = value
      do {
        let configuration = try Configuration(registry: registry, chosen: chosen, disabled: file.disabled)
        compare(
          deployment, try Deployment(in: Context(configuration: configuration, identity: deployment.context.identity)))
        isCompared = true
      } catch {
        failure = error as? DioptraError
      }
    }
    if isCompared { failure = nil }
    variables.remove(variable.name)
    for step in deployment.blueprint.steps where step.inputs.contains(where: isReached) { steps.insert(step.id) }
    for step in deployment.blueprint.steps where step.inputs.contains(.variable(variable.name)) {
      steps.insert(step.id)
    }
  }

  /// Another mirror of every registry that images come from, or came from before they were mirrored.
  private static func mirrors(of deployment: Deployment, besides value: String) -> String {
    let images = (deployment.blueprint.services + deployment.blueprint.initServices).map(\.image)
    let names = images.map { deployment.dialect.fullName(ofImage: $0).visible }.filter { $0.contains("/") }
    let registries = Set(
      (names + value.split(separator: " ").map(String.init)).map { $0.prefix { !"/=".contains($0) } })
    return registries.sorted().map { "\($0)=other.example" }.joined(separator: " ")
  }

  /// The lines that show the value itself.
  private mutating func trace(_ variable: VariableName, in file: RenderedFile) {
    var line = 1
    for segment in file.text.segments {
      if case .variable(variable, _) = segment.content {
        files[file.path, default: Lines()].present.insert(line)
      } else {
        line += (segment.characters ?? "").utf8.count { $0 == UInt8(ascii: "\n") }
      }
    }
  }

  private mutating func compare(_ deployment: Deployment, _ other: Deployment) {
    for entry in deployment.configuration.variables.map(\.name)
    where deployment.configuration.entry(entry)?.value != other.configuration.entry(entry)?.value {
      variables.insert(entry)
    }
    let (mine, others) = (deployment.blueprint, other.blueprint)
    for file in deployment.tree.files { compare(file, other.tree[file.path]) }
    add(other.tree.files.map(\.path).filter { deployment.tree[$0] == nil }, to: \.otherFiles)
    let services = mine.services + mine.initServices
    for service in services where !(others.services + others.initServices).contains(service) {
      self.services.insert(service.name)
    }
    add(
      (others.services + others.initServices).map(\.name).filter { name in !services.contains { $0.name == name } },
      to: \.otherServices)
    for step in mine.steps
    where !others.steps.contains(step) || deployment.callDigest(of: step.value) != other.callDigest(of: step.value) {
      steps.insert(step.id)
    }
    add(others.steps.map(\.id).filter { id in !mine.steps.contains { $0.id == id } }, to: \.otherSteps)
  }

  /// Takes in what another value would bring; of endless values the first that brings something is the example.
  private mutating func add<Name: Hashable>(_ names: [Name], to others: WritableKeyPath<Self, Set<Name>>) {
    if hasFewValues || self[keyPath: others].isEmpty { self[keyPath: others].formUnion(names) }
  }

  private mutating func compare(_ file: RenderedFile, _ other: RenderedFile?) {
    guard let other else {
      files[file.path, default: Lines()].isWhole = true
      return
    }
    guard file != other else { return }
    let difference = LineDifference(from: file.masked.linesWithEnds, to: other.masked.linesWithEnds)
    guard !difference.changes.isEmpty else { return }
    var lines = files[file.path, default: Lines()]
    for change in difference.changes {
      if change.old.isEmpty { lines.insertions.insert(change.old.lowerBound) }
      lines.present.formUnion(change.old.map { $0 + 1 })
    }
    files[file.path] = lines
  }

  /// Whether a step is due again by what is reached.
  private func isReached(_ input: Step.Input) -> Bool {
    switch input {
    case .file(let path): files.keys.contains { $0 == path || $0.hasPrefix(path + "/") }
    case .variable(let name): variables.contains(name)
    case .setting, .secret, .volume: false
    }
  }
}

extension VariableReach.Lines {
  /// The lines as a person writes them: `12, 40-42, after 57`.
  var text: String {
    guard !isWhole else { return "all of it" }
    var parts: [(first: Int, text: String)] = []
    var rest = present.sorted()[...]
    while let first = rest.popFirst() {
      var last = first
      while rest.first == last + 1 { last = rest.removeFirst() }
      parts.append((first, first == last ? "\(first)" : "\(first)-\(last)"))
    }
    parts += insertions.filter { !present.contains($0) && !present.contains($0 + 1) }.map {
      ($0, $0 == 0 ? "before 1" : "after \($0)")
    }
    return parts.sorted { $0.first < $1.first }.map(\.text).joined(separator: ", ")
  }
}

extension Variable {
  /// Values of each kind that conditions are made of: off and on, nothing and something, this host's names and others'.
  private static let pool = [
    "other", "", "true", "false", "_", "*", "other.example", "[2001:db8::1]", "192.0.2.1", "other@other.example",
    "/other", "other.mount", "registry.example/other:1", "registry.example/other", "7m", "7s", "16", "other_name",
    "http://other.example:7",
  ]
  /// The ports that addresses leave out.
  private static let usualPorts = ["80", "443"]

  /// More would tell nothing new.
  private static let most = 12

  /// Other values that the variable accepts.
  ///
  /// - Parameter variables: Those that may follow from it.
  func alternatives(to value: String, among variables: [Variable]) -> [String] {
    let releases = followsRelease ? variables.filter(\.followsRelease).flatMap(\.type.choices) : []
    let numbers = type.name == VariableType.port.name ? Self.usualPorts : ["0", "1"]
    let candidates =
      Int(value).map { numbers + [String($0 + 1), String($0 - 1)] }
      ?? type.choices + releases + Self.pool + [value + "-2", value + "2"]
    return candidates.reduce(into: []) { values, candidate in
      guard values.count < Self.most, case .success(let canonical) = type.canonical(candidate), canonical != value,
        !values.contains(canonical)
      else { return }
      values.append(canonical)
    }
  }
}
