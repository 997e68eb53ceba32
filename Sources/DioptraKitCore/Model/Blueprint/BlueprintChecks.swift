internal import DioptraSystem

/// Checks contributions before anything is rendered from them.
struct BlueprintChecks {
  let reach: ComponentReach
  let components: [any Component]
  /// What components contribute by themselves.
  let own: [Owned<Contribution>]
  /// What they contribute based on others' values.
  let collected: [Owned<Contribution>]
  /// What the platform makes of all that: it names whatever there is.
  let written: [Owned<Contribution>]

  func check() throws(DioptraError) {
    let owners = try owners()
    for contribution in own {
      try check(contribution, owners) { user, owner in reach.of(user).contains(owner) }
    }
    for contribution in collected {
      // Such a value may name things of the components that it is based on, because they require its owner.
      try check(contribution, owners) { user, owner in
        reach.of(user).contains(owner) || reach.of(owner).contains(user)
      }
    }
    try checkPorts()
    try checkAccess()
    try checkPreparations()
    for contribution in own + collected { try contribution.value.value.check(owner: contribution.owner) }
  }

  private func owners() throws(DioptraError) -> [Reference: ComponentID] {
    var owners: [Reference: ComponentID] = [:]
    for component in components {
      for variable in component.variables { owners[.variable(variable.name)] = component.id }
    }
    for contribution in own + collected + written {
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
    // A mirror is put in place of what the component says, which need not know of it.
    for reference in value.references where reference != .variable(RegistryMirrors.variable) {
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

  /// What several services use must be made for that: not every platform can give each volume to more than one.
  private func checkAccess() throws(DioptraError) {
    let values = (own + collected).map(\.value.value)
    let shared = Set(values.compactMap { $0 as? Volume }.filter { $0.access == .shared }.map(\.name))
    var users: [VolumeName: ServiceName] = [:]
    for service in values.compactMap({ $0 as? Service }) {
      for case .volume(let volume) in service.mounts.map(\.source) where !shared.contains(volume) {
        guard let other = users.updateValue(service.name, forKey: volume), other != service.name else { continue }
        throw DioptraError(
          .componentInvalid,
          "the services '\(other)' and '\(service.name)' both mount the volume '\(volume)', which is for one service",
          remedy: "Declare the volume with shared access, or give each service a volume of its own")
      }
    }
  }

  /// One script prepares all volumes: each of its options chooses one folder, or one owner of one or more volumes.
  private func checkPreparations() throws(DioptraError) {
    var uses: [String: (owner: VolumePreparation.Owner?, preparation: String)] = [:]
    for contribution in own + collected {
      guard let preparation = contribution.value.value as? VolumePreparation else { continue }
      let label = "\(preparation.label) of component '\(contribution.owner)'"
      for (option, owner) in [(preparation.directoryOption, nil), (preparation.owner.option, preparation.owner)] {
        guard let other = uses.updateValue((owner, label), forKey: option), owner == nil || owner != other.owner else {
          continue
        }
        throw DioptraError(
          .componentInvalid,
          "\(other.preparation) and \(label) both have the option --\(option), and mean different things by it",
          remedy: "Rename it in one of them, or give both volumes the same owner with the same help")
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
