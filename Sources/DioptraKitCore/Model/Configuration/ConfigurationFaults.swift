public import DioptraSystem

/// What is invalid in `dioptra.yaml`, with its places.
extension ConfigurationFile {
  /// Every unknown name, every invalid value, and every component that is unknown or cannot be disabled, in the order
  /// of the file.
  public func faults(_ registry: ComponentRegistry) -> [DioptraError] {
    let known = registry.components.flatMap(\.variables)
    var faults: [(place: TextPlace?, error: DioptraError)] = []
    for (name, value) in values {
      do throws(DioptraError) {
        let variable = try known.named(name)
        do throws(DioptraError) {
          _ = try variable.accept(value)
        } catch {
          faults.append((places[name]?.value, error))
        }
      } catch {
        faults.append((places[name]?.name, error))
      }
    }
    for id in named {
      do throws(DioptraError) {
        try registry.requireKnown([id])
        if disabled.contains(id) { try registry.requireOptional(id) }
      } catch {
        faults.append((componentPlaces[id], error))
      }
    }
    return Self.source.placed(faults)
  }

  /// The valid choices only.
  package func withoutFaults(_ registry: ComponentRegistry) -> [String: String] {
    let known = registry.components.flatMap(\.variables)
    return values.filter { name, value in (try? known.named(name).accept(value)) != nil }
  }
}
