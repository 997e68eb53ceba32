internal import DioptraSystem

/// A value with the component that contributed it.
@dynamicMemberLookup
public struct Owned<Value> {
  /// The component that the value belongs to.
  public let owner: ComponentID
  /// What the component contributed.
  public let value: Value

  /// A value together with the component that it belongs to.
  public init(owner: ComponentID, value: Value) {
    self.owner = owner
    self.value = value
  }

  /// A member of the value: `volume.name` is short for `volume.value.name`.
  public subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member {
    value[keyPath: path]
  }
}

// Not constraints of the type itself: the runtime would check them for each kind of value in every run.
extension Owned: Encodable where Value: Encodable {}
extension Owned: Decodable where Value: Decodable {}
extension Owned: Equatable where Value: Equatable {}
extension Owned: Sendable where Value: Sendable {}

/// Everything that the enabled components contributed, each value with its owner, in the order of the components.
///
/// It says what the deployment is; what a platform needs beyond that, the platform's dialect makes of it.
public struct Blueprint: Sendable {
  /// All values of every kind.
  package let contributions: [Owned<Contribution>]
  /// The same by kind: an array of `Owned` values for each.
  private let lists: [ObjectIdentifier: any Sendable]

  /// The values of one kind.
  package subscript<Value: Contributed>(_ kind: Value.Type) -> [Owned<Value>] {
    lists[ObjectIdentifier(kind)] as? [Owned<Value>] ?? []
  }

  private init(_ contributions: [Owned<Contribution>]) {
    self.contributions = contributions
    var lists: [ObjectIdentifier: any Sendable] = [:]
    for contribution in contributions { contribution.value.value.add(to: &lists, of: contribution.owner) }
    self.lists = lists
  }

  /// Collects the contributions of every enabled component.
  ///
  /// - Throws: `DioptraError` if two components contribute the same thing, or one refers to something that no component
  ///   contributes or that it does not require.
  public init(in context: Context) throws {
    let components = context.configuration.components
    let reach = ComponentReach(components)
    var own: [Owned<Contribution>] = []
    for component in components {
      let context = context.seen(by: component.id, reach.of(component.id))
      own += try component.contributions(in: context).map { Owned(owner: component.id, value: $0) }
    }
    let contributed = Blueprint(own)
    var collected: [Owned<Contribution>] = []
    for component in components {
      let context = context.seen(by: component.id, reach.around(component.id))
      collected += try component.contributions(collecting: contributed, in: context).map {
        Owned(owner: component.id, value: $0)
      }
    }
    // In the order of the components, whichever call contributed a value.
    let rank = Dictionary(uniqueKeysWithValues: components.enumerated().map { ($0.element.id, $0.offset) })
    let all = (own + collected).sorted { rank[$0.owner, default: 0] < rank[$1.owner, default: 0] }
    let said = Blueprint(try Blueprint(all.withSortedSteps()).withImageSteps())
    if said.hasNamesOnTheEngine { try context.configuration.requireSlug() }
    let owner = context.configuration.ownerOfNames ?? ""
    let written = try context.configuration.dialect.files(for: said, in: context, owner: owner).map {
      Owned(owner: owner, value: Contribution.file($0))
    }
    if !written.isEmpty { try context.configuration.requireSlug() }
    let (steps, others) = said.contributions.parted { $0.value.value is Step }
    self.init((others + written).sorted { rank[$0.owner, default: 0] < rank[$1.owner, default: 0] } + steps)
    try BlueprintChecks(reach: reach, components: components, own: own, collected: collected, written: written).check()
  }
}

extension Blueprint {
  /// All contributions, and a step for each image, which the steps in its services come after.
  private func withImageSteps() -> [Owned<Contribution>] {
    let images = ImageSteps(services: services, initServices: initServices)
    let steps = images.completing(steps).map { step in
      Owned<Contribution>(owner: step.owner, value: .step(step.value))
    }
    return contributions.filter { !($0.value.value is Step) } + steps
  }

  /// Whether anything is named after the deployment.
  private var hasNamesOnTheEngine: Bool {
    !services.isEmpty || !initServices.isEmpty || !volumes.isEmpty || !networks.isEmpty || !endpoints.isEmpty
  }
}

extension Contributed {
  fileprivate func add(to lists: inout [ObjectIdentifier: any Sendable], of owner: ComponentID) {
    var list = lists.removeValue(forKey: ObjectIdentifier(Self.self)) as? [Owned<Self>] ?? []
    list.append(Owned(owner: owner, value: self))
    lists[ObjectIdentifier(Self.self)] = list
  }
}

extension [Owned<Contribution>] {
  /// The elements that a condition holds for, and the others.
  fileprivate func parted(_ condition: (Element) -> Bool) -> (matching: Self, others: Self) {
    (filter(condition), filter { !condition($0) })
  }

  /// The same, with each step after those that it requires.
  fileprivate func withSortedSteps() throws -> Self {
    let steps = compactMap { owned in (owned.value.value as? Step).map { Owned<Step>(owner: owned.owner, value: $0) } }
    let sorted = try steps.topologicallySorted(id: \.id, requires: \.requires) { circle in
      DioptraError(
        .componentInvalid,
        "the steps \(circle.map(\.rawValue).joined(separator: ", ")) require each other or a step that does not exist",
        remedy: "Correct what they require")
    }
    return filter { !($0.value.value is Step) } + sorted.map { Owned(owner: $0.owner, value: .step($0.value)) }
  }
}

extension Blueprint: Equatable {
  /// Whether both hold equal values of the same owners, in the same order.
  public static func == (left: Self, right: Self) -> Bool { left.contributions == right.contributions }
}

extension Blueprint: Codable {
  /// Decodes what `encode(to:)` wrote; nothing is checked again.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([Owned<Contribution>].self))
  }

  /// Encodes the values as one list, each with its owner.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(contributions)
  }
}
