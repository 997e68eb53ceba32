internal import DioptraSystem

/// What each component may use of others: what it requires, directly or indirectly.
struct ComponentReach: Sendable {
  private var closures: [ComponentID: Set<ComponentID>] = [:]

  /// - Parameter components: Each after those that it requires.
  init(_ components: [any Component]) {
    for component in components {
      closures[component.id] = component.requires.reduce(into: [component.id]) { closure, id in
        closure.formUnion(closures[id, default: [id]])
      }
    }
  }

  /// The component itself and everything that it requires.
  func of(_ component: ComponentID) -> Set<ComponentID> { closures[component, default: [component]] }

  /// The same, plus everything that requires the component.
  func around(_ component: ComponentID) -> Set<ComponentID> {
    of(component).union(closures.filter { $0.value.contains(component) }.map(\.key))
  }
}
