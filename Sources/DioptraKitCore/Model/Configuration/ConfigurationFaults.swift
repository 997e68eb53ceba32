public import DioptraSystem

/// What is invalid in `dioptra.yaml`, with line numbers.
extension ConfigurationFile {
  /// Every unknown name and every invalid value, in the order of the lines.
  public func faults(_ registry: ComponentRegistry) -> [DioptraError] {
    let known = registry.components.flatMap(\.variables)
    let faults = values.compactMap { name, value -> (line: Int?, error: DioptraError)? in
      do throws(DioptraError) {
        _ = try known.named(name).accept(value)
        return nil
      } catch {
        return (line(of: name), error)
      }
    }
    return faults.sorted { ($0.line ?? 0, $0.error.problem) < ($1.line ?? 0, $1.error.problem) }.map { line, error in
      let place = line.map { ", line \($0)" } ?? ""
      return error.saying("\(Self.name)\(place): \(error.problem)")
    }
  }

  /// The valid choices only.
  public func withoutFaults(_ registry: ComponentRegistry) -> [String: String] {
    let known = registry.components.flatMap(\.variables)
    return values.filter { name, value in (try? known.named(name).accept(value)) != nil }
  }

  /// The line of a name, from 1.
  private func line(of name: String) -> Int? {
    text.lines.firstIndex { line in
      ["\(name):", "\(name) ", "\"\(name)\"", "'\(name)'"].contains { line.hasPrefix($0) }
    }.map { $0 + 1 }
  }
}
