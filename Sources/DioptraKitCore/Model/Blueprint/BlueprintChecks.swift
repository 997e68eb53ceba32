internal import DioptraSystem

/// What must hold of contributions before anything is rendered from them.
struct BlueprintChecks {
  let reach: ComponentReach
  let components: [any Component]
  /// What components bring of themselves.
  let own: [Owned<Contribution>]
  /// What they make of the values of others.
  let collected: [Owned<Contribution>]

  func check() throws(DioptraError) {
    let owners = try owners()
    for contribution in own {
      try check(contribution, owners) { user, owner in reach.of(user).contains(owner) }
    }
    for contribution in collected {
      // What others gave to a component names what is theirs; they require it.
      try check(contribution, owners) { user, owner in
        reach.of(user).contains(owner) || reach.of(owner).contains(user)
      }
    }
    try checkPorts()
    for contribution in own + collected { try contribution.value.value.check(owner: contribution.owner) }
  }

  private func owners() throws(DioptraError) -> [Reference: ComponentID] {
    var owners: [Reference: ComponentID] = [:]
    for component in components {
      for variable in component.variables { owners[.variable(variable.name)] = component.id }
    }
    for contribution in own + collected {
      for name in contribution.value.value.names {
        guard let other = owners.updateValue(contribution.owner, forKey: name) else { continue }
        throw DioptraError(
          .componentInvalid,
          "components '\(other)' and '\(contribution.owner)' both contribute the \(name.kind) '\(name.name)'",
          remedy: "Rename it in one of them, or disable one of them")
      }
    }
    return owners
  }

  private func check(
    _ contribution: Owned<Contribution>, _ owners: [Reference: ComponentID],
    mayUse: (ComponentID, ComponentID) -> Bool
  ) throws(DioptraError) {
    let (user, value) = (contribution.owner, contribution.value.value)
    for reference in value.references {
      let use = "\(value.label) of component '\(user)' refers to the \(reference.kind) '\(reference.name)'"
      guard let owner = owners[reference] else {
        throw DioptraError(
          .componentInvalid, "\(use), which no component contributes",
          remedy: "Correct the name, or enable the component that it comes from")
      }
      guard mayUse(user, owner) else {
        throw DioptraError(
          .componentInvalid, "\(use) of component '\(owner)', which '\(user)' does not require",
          remedy: "Add '\(owner)' to what '\(user)' requires")
      }
    }
  }

  /// Two services cannot publish the same port of the host.
  private func checkPorts() throws(DioptraError) {
    var users: [String: String] = [:]
    let services = (own + collected).compactMap { $0.value.value as? Service }
    for port in services.flatMap(\.ports) {
      let name = port.hostPort.segments.compactMap { segment in
        if case .variable(let name, _) = segment.content { name.rawValue } else { nil as String? }
      }.first
      let user = name ?? port.summary
      let number = port.hostPort.characters ?? ""
      if let other = users.updateValue(user, forKey: number) {
        throw DioptraError(
          .configurationContradictory,
          "\(other) and \(user) are both \(number), but a port of the host leads to one place only",
          remedy: "Choose another number for one of them")
      }
    }
  }
}

extension ContainerScript {
  /// The folder of all container-side scripts.
  public static let folder = "scripts"

  /// The argbash template and its processed twin.
  package var paths: [String] { ["\(Self.folder)/\(name).m4", "\(Self.folder)/\(name).sh"] }
}
