import DioptraKitCore
import Foundation

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
  func check(_ registry: ComponentRegistry, folder: String) throws {
    let identity = Identity(deployment: Identity.unnamed, folder: folder)
    _ = try Deployment(registry: registry, file: self, identity: identity)
  }
}

extension ComponentRegistry {
  func variable(_ name: String) throws -> Variable {
    try components.flatMap(\.variables).named(name)
  }
}

extension ConfinedFolder {
  /// Replaces a text file and keeps its permissions.
  func replace(_ path: String, with text: String) throws {
    guard case .file(let mode)? = try entry(path) else {
      throw DioptraError("\(path) is no regular file", remedy: "Put a file in its place")
    }
    try write(path, Array(text.utf8), mode: mode)
  }
}
