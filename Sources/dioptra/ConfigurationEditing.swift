import ArgumentParser
import DioptraKitCore
import Foundation
import Plugins

/// How a command that edits `dioptra.yaml` goes on from there.
struct EditOptions: ParsableArguments {
  @Flag(help: "Bring the folder's files along at once; the steps of initialisation stay for `dioptra init`.")
  var apply = false

  @OptionGroup(title: "Conflicts between your edits and what is new; they imply --apply")
  var conflict: ConflictOptions

  @OptionGroup var options: GlobalOptions

  /// Changes `dioptra.yaml`, and with `--apply` the files that follow from it, in one go: when conflicts stop it, nothing
  /// has changed.
  ///
  /// - Parameters:
  ///   - command: What the lock's holder is called.
  ///   - unchanged: What is said when there is nothing to change.
  func edit(
    _ command: String, unchanged: String, _ change: (inout ConfigurationFile, ComponentRegistry) throws -> Void
  ) async throws {
    let registry = try ReferenceDeployment.registry()
    let folder = try options.deploymentFolder()
    try folder.refuseUnfinishedRestoration()
    guard apply || conflict.isGiven else {
      let lock = try FolderLock(in: folder, command: command, now: .now)
      defer { withExtendedLifetime(lock) {} }
      let bytes = try folder.read(ConfigurationFile.name) ?? []
      let before = try options.configurationFile(in: folder)
      let file = try changed(before, registry, folder, change)
      guard file != before else { return options.output.say(unchanged) }
      try folder.replaceConfiguration(bytes, with: file.text)
      return options.output.say("dioptra.yaml is changed. Run `dioptra init` to apply it.")
    }
    let before = try options.configurationFile(in: folder)
    let choices = try Choices(
      editing: folder.path, from: before, to: changed(before, registry, folder, change), registry: registry,
      conflict: conflict, options: options)
    try await Initializer(choices, rendersOnly: true).run()
  }

  private func changed(
    _ file: ConfigurationFile, _ registry: ComponentRegistry, _ folder: ConfinedFolder,
    _ change: (inout ConfigurationFile, ComponentRegistry) throws -> Void
  ) throws -> ConfigurationFile {
    if let recorded = try State(readingIn: folder, recovering: true)?.appliedConfiguration() {
      try file.requireChoices(of: recorded)
    }
    var file = file
    try change(&file, registry)
    let deployment = try file.check(registry, folder: folder.path)
    try State(readingIn: folder, recovering: true)?.requireSameSlug(registry, as: deployment.configuration)
    return file
  }
}

extension ConfigurationFile {
  /// Sets a variable to a value of the command line, in its canonical form.
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

  /// Renders everything in memory, so that what cannot be is refused before anything is written.
  @discardableResult
  func check(_ registry: ComponentRegistry, folder: String) throws -> Deployment {
    let identity = Identity(deployment: Identity.unnamed, folder: folder)
    return try Deployment(registry: registry, file: self, identity: identity)
  }
}

extension ComponentRegistry {
  func variable(_ name: String) throws -> Variable {
    try components.flatMap(\.variables).named(name)
  }
}
