public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Rules for every component, built-in or not. A component's tests call `faults(of:among:)` and expect no faults.
public enum ComponentConformance {
  /// A rule that a component breaks.
  public struct Fault: Equatable, Sendable, CustomStringConvertible {
    /// The component that was checked.
    public let component: ComponentID
    /// What is wrong, in words that follow the component's name.
    public let rule: String

    /// `COMPONENT: RULE`.
    public var description: String { "\(component): \(rule)" }
  }

  /// Checks one component as part of a set.
  ///
  /// - Parameters:
  /// - component: The component to check.
  /// - components: All components that it is used with, including itself.
  /// - variations: Values to try besides the defaults: for each variable those that change most.
  ///   - templateVersion: The version of what the components render.
  ///   - dialect: What the deployment is written in.
  public static func faults(
    of component: any Component, among components: [any Component], variations: [[String: String]] = [],
    templateVersion: Int = 1, dialect: any PlatformDialect = PlainDialect()
  ) throws -> [Fault] {
    let suite = try Suite(
      component: component, registry: ComponentRegistry(components, templateVersion: templateVersion, dialect: dialect))
    var rules = suite.declarationRules() + suite.migrationRules()
    for chosen in [[:]] + variations { rules += try suite.renderingRules(chosen) }
    if component.isOptional { rules += try suite.disablingRules() }
    return rules.map { Fault(component: component.id, rule: $0) }
  }
}

private struct Suite {
  let component: any Component
  let registry: ComponentRegistry

  func declarationRules() -> [String] {
    var broken: [String] = []
    if component.version < 1 { broken.append("its version is less than 1") }
    if !component.id.rawValue.consists(of: { $0.isASCIILowercase || $0.isASCIIDigit || $0 == "-" }) {
      broken.append("its name has other characters than a-z, 0-9 and -")
    }
    if component.summary.isEmpty || component.summary.contains("\n") { broken.append("its summary is not one line") }
    if component.summary.hasSuffix(".") { broken.append("its summary ends with a full stop") }
    for variable in component.variables {
      let isName = variable.name.rawValue.consists { $0.isASCIILowercase || $0.isASCIIDigit || $0 == "_" }
      if !isName { broken.append("the variable \(variable.name) has other characters than a-z, 0-9 and _") }
      if !variable.help.hasSuffix(".") { broken.append("the help of \(variable.name) is no sentence") }
      if case .value(let value) = variable.defaultValue, (try? variable.accept(value)) != value {
        broken.append("the default of \(variable.name) is not a canonical value")
      }
    }
    return broken
  }

  /// Whatever migrations name must exist afterwards.
  func migrationRules() -> [String] {
    let variables = Set(registry.components.flatMap(\.variables).map(\.name))
    return component.migrations.flatMap { migration -> [String] in
      var broken: [String] = []
      if !migration.id.rawValue.hasPrefix("\(component.id).") {
        broken.append("the name of the migration \(migration.id) does not begin with that of the component")
      }
      if !migration.summary.hasSuffix(".") { broken.append("the summary of \(migration.id) is no sentence") }
      switch migration.version {
      case .release(let release):
        if Release(release) == nil { broken.append("the migration \(migration.id) belongs to no release") }
      case .template(let version):
        if !(1...registry.templateVersion).contains(version) {
          broken.append("the migration \(migration.id) belongs to a version of the template that there is not")
        }
      case .component(let version):
        if !(1...component.version).contains(version) {
          broken.append("the migration \(migration.id) belongs to a version of the component that there is not")
        }
      }
      for change in migration.changes {
        switch change {
        case .renameVariable(_, let name), .keepValue(let name, _), .pinValue(let name), .replacePrefix(let name, _, _):
          if !variables.contains(name) { broken.append("the migration \(migration.id) names no variable: \(name)") }
        case .note(let text):
          if !text.hasSuffix(".") && !text.contains(": ") { broken.append("a note of \(migration.id) is no sentence") }
        case .renameSecret, .moveFile, .runStep: break
        }
      }
      return broken
    }
  }

  /// The component's part of a whole deployment.
  func renderingRules(_ chosen: [String: String]) throws -> [String] {
    let deployment = try self.deployment(chosen)
    var broken: [String] = []
    if try self.deployment(chosen).tree != deployment.tree {
      broken.append("it does not render the same bytes twice with \(chosen)")
    }
    let blueprint = deployment.blueprint
    for step in blueprint.steps where step.owner == component.id {
      if step.deadline <= 0 { broken.append("the step \(step.id) has no deadline") }
      if step.title.isEmpty { broken.append("the step \(step.id) has no title") }
    }
    for service in blueprint.services where service.owner == component.id && service.healthCheck == nil {
      broken.append("the service \(service.name) has no health check")
    }
    for file in deployment.tree.files where file.component == component.id {
      // By bytes: a carriage return and a newline are one character.
      let text = file.masked.utf8
      if text.last != .newline { broken.append("the file \(file.path) does not end with a newline") }
      if text.contains(UInt8(ascii: "\r")) { broken.append("the file \(file.path) has carriage returns") }
    }
    return broken
  }

  /// Nothing of a component may remain when it is disabled.
  func disablingRules() throws -> [String] {
    let dependents = registry.components.filter { $0.requires.contains(component.id) }.map(\.id)
    let disabled = Set([component.id] + dependents)
    let with = try deployment([:])
    let without = try deployment([:], disabled: disabled)
    let tree = without.tree
    var broken: [String] = []
    for file in with.tree.files where file.component == component.id && tree[file.path] != nil {
      broken.append("the file \(file.path) remains when it is switched off")
    }
    let names =
      with.blueprint.services.filter { $0.owner == component.id }.map(\.name.rawValue)
      + with.blueprint.volumes.filter { $0.owner == component.id }.map(\.name.rawValue)
      + with.blueprint.settings.filter { $0.owner == component.id }.map(\.name)
    for file in tree.files {
      for segment in file.text.segments where file.component(of: segment) == component.id {
        broken.append("\(file.path) still has text of it: \(segment.content)")
      }
      for name in names where file.masked.contains(name) {
        broken.append("\(file.path) still names \(name) when it is switched off")
      }
    }
    return broken
  }

  private func deployment(_ chosen: [String: String], disabled: Set<ComponentID> = []) throws -> Deployment {
    let configuration = try Configuration(registry: registry, chosen: chosen, disabled: disabled)
    let identity = Identity(deployment: Identity.unnamed, folder: "/srv/deployment")
    let context = Context(configuration: configuration, identity: identity)
    return try Deployment(in: context)
  }
}
