public import DioptraSystem

/// What in `dioptra.yaml` cannot be, with the places where it stands.
extension ConfigurationFile {
  /// Every name that no component declares, every value that its variable does not accept, and every component that does
  /// not exist or cannot be switched off, in the order of the file.
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
    let first = TextPlace(line: 1, column: 1)
    return faults.sorted { ($0.place ?? first, $0.error.problem) < ($1.place ?? first, $1.error.problem) }
      .map { place, error in
        let place = place.map { ":\($0)" } ?? ""
        return DioptraError("\(Self.name)\(place): \(error.problem)", remedy: error.remedy, exitCode: error.exitCode)
      }
  }

  /// The choices that can be, without the others.
  public func withoutFaults(_ registry: ComponentRegistry) -> [String: String] {
    let known = registry.components.flatMap(\.variables)
    return values.filter { name, value in (try? known.named(name).accept(value)) != nil }
  }
}
