import DioptraKitCore

/// Asks the user for each choice that was not given.
struct Questions {
  let registry: ComponentRegistry
  let options: GlobalOptions

  func ask(into chosen: inout [VariableName: String]) throws {
    let variables = registry.components.flatMap(\.variables)
      .compactMap { variable in variable.promptPosition.map { ($0, variable) } }
      .sorted { $0.0 < $1.0 }.map(\.1)
    tell("Press Return to accept the value in brackets.\n")
    for variable in variables where chosen[variable.name] == nil {
      let values = Dictionary(uniqueKeysWithValues: chosen.map { ($0.key.rawValue, $0.value) })
      let suggestion = try Configuration(registry: registry, chosen: values)[variable.name]
      if let answer = try answer(to: variable, suggestion: suggestion), answer != suggestion {
        chosen[variable.name] = answer
      }
    }
  }

  /// Asks until the answer is valid; nil for the suggestion.
  private func answer(to variable: Variable, suggestion: String) throws -> String? {
    tell("\n\(variable.help)")
    while true {
      guard let line = try Terminal.answer(to: "\(variable.name) [\(suggestion)]: ") else {
        throw DioptraError(
          .interrupted, "the input ended before \(variable.name) was given",
          remedy: "Use --no-input to take the defaults")
      }
      let answer = String(line.trimming(" \t"))
      if answer.isEmpty { return nil }
      do {
        return try variable.accepted(answer, absolute: options.absolute)
      } catch let error as DioptraError {
        tell("\(error.problem). \(error.remedy).")
      }
    }
  }

  private func tell(_ text: String) {
    Terminal.show(text + "\n")
  }
}
