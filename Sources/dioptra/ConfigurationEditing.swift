import ArgumentParser
import DioptraKitCore

/// What a command does after editing `dioptra.yaml`.
struct EditOptions: ParsableArguments {
  @Flag(help: "Update the folder's files as well; `dioptra init` still runs the steps of initialisation.")
  var apply = false

  @OptionGroup(title: "Conflicts between your edits and new versions; they imply --apply")
  var conflict: ConflictOptions

  @OptionGroup var options: GlobalOptions

  /// Changes `dioptra.yaml`, and with `--apply` the files that follow from it, as one change: on a conflict, nothing is
  /// changed.
  ///
  /// - Parameters:
  ///   - command: The name under which the lock is held.
  ///   - unchanged: The message if there is nothing to change.
  func edit(
    _ command: String, unchanged: String,
    _ change: @escaping (inout ConfigurationFile, ComponentRegistry) throws -> Void
  ) async throws {
    let output = options.output
    let edit = ConfigurationEdit(command, of: try options.deploymentFolder(), in: try options.context(), change)
    guard !apply, !conflict.isGiven else {
      return try await edit.apply(choice: conflict.choice, resolutions: try conflict.resolutions()) { report in
        try InitReport(report).show(output)
      }
    }
    output.say(try edit.run() ? "dioptra.yaml is changed. Run `dioptra init` to apply the change." : unchanged)
  }
}

extension ConfigurationFile {
  /// Sets a variable to a value from the command line, in canonical form.
  mutating func set(_ assignment: Assignment, of registry: ComponentRegistry, options: GlobalOptions) throws {
    let variable = try registry.variable(assignment.name)
    try set(
      variable.name, to: try variable.accepted(assignment.value, absolute: options.absolute),
      spelledLike: variable.aliases)
  }

  /// The file with the chosen values in it.
  func setting(_ chosen: [VariableName: String], of registry: ComponentRegistry) throws -> ConfigurationFile {
    var file = self
    for (name, value) in chosen.sorted(by: { $0.key < $1.key }) {
      try file.set(name, to: value, spelledLike: try registry.variable(name.rawValue).aliases)
    }
    return file
  }
}

extension ComponentRegistry {
  func variable(_ name: String) throws -> Variable {
    try components.flatMap(\.variables).named(name)
  }
}
