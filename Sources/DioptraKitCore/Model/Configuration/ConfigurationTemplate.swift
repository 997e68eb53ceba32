internal import DioptraSystem

extension ConfigurationFile {
  /// A new `dioptra.yaml`: every variable with its help, chosen values as lines, and defaults as comments.
  ///
  /// - Parameter pinned: Variables that are written out even if they were not chosen.
  public static func new(
    _ configuration: Configuration, registry: ComponentRegistry, disabled: Set<ComponentID>,
    pinned: Set<VariableName> = []
  ) throws -> ConfigurationFile {
    var text = """
      # What this deployment is. Change a value, then run `dioptra init`: it changes what follows from it and no more.
      # A name behind a # shows its default; remove the # to choose another value.

      """
    for component in registry.components where !component.variables.isEmpty {
      text += "\n# ---- \(component.summary) ----\n"
      for variable in component.variables {
        text += "\n" + comment(of: variable)
        let entry = configuration.entry(variable.name)
        let value = entry?.value ?? variable.literalDefault
        let line = "\(variable.name): \(YAMLScalar.text(value))\n"
        let isChosen = entry?.layer == .file || pinned.contains(variable.name)
        text += isChosen ? line : "# \(line)"
      }
    }
    text += "\n# ---- Components that can be switched off ----\n\ncomponents:\n"
    for component in registry.components where component.isOptional {
      text += "  # \(component.summary)\n  \(component.id): \(!disabled.contains(component.id))\n"
    }
    return try ConfigurationFile(text: text)
  }

  private static func comment(of variable: Variable) -> String {
    var help = variable.help
    if case .derived(let explanation, _) = variable.defaultValue { help += " By default \(explanation)." }
    return help.wrapped(to: 110).map { "# \($0)\n" }.joined()
  }
}

extension Variable {
  /// The default, if it does not depend on other variables.
  fileprivate var literalDefault: String {
    if case .value(let value) = defaultValue { value } else { "" }
  }
}

extension String {
  /// The text wrapped to the given width.
  package func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var used = 0
    for word in split(separator: " ") {
      let count = word.count
      if !lines.isEmpty, used + 1 + count <= width {
        lines[lines.count - 1] += " \(word)"
        used += 1 + count
      } else {
        lines.append(String(word))
        used = count
      }
    }
    return lines
  }
}
