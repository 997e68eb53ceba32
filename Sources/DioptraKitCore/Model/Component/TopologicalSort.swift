internal import DioptraSystem

extension Array {
  /// The elements in an order in which each comes after those it requires; otherwise the order they had.
  ///
  /// - Parameter circle: Makes the error for elements that require each other; gets their names.
  func topologicallySorted<ID: Hashable>(
    id: (Element) -> ID, requires: (Element) -> [ID], circle: ([ID]) -> DioptraError
  ) throws(DioptraError) -> [Element] {
    var waiting = self
    var sorted: [Element] = []
    var done: Set<ID> = []
    while !waiting.isEmpty {
      guard let next = waiting.firstIndex(where: { requires($0).allSatisfy(done.contains) }) else {
        throw circle(waiting.map(id))
      }
      let element = waiting.remove(at: next)
      done.insert(id(element))
      sorted.append(element)
    }
    return sorted
  }
}
