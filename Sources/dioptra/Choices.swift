import DioptraKitCore
import Foundation
import Plugins

/// What a call of `init` chooses: values from a file, from the command line and from the person at the terminal.
struct Choices {
  let registry: ComponentRegistry
  let options: GlobalOptions
  let conflict: ConflictOptions
  /// Where the deployment is or will be.
  let folder: String
  let kind: DeploymentFolder.Kind
  let identity: CopiedFolder
  /// The configuration with the choices in it.
  let file: ConfigurationFile
  /// The characters of `dioptra.yaml` before; nil where there is none.
  let before: String?

  init(_ command: InitCommand) throws {
    registry = try ReferenceDeployment.registry()
    options = command.options
    conflict = command.conflict
    identity = command.identity
    var chosen: [VariableName: String] = [:]
    for assignment in command.legacy.assignments.map({ Assignment(argument: "\($0.name)=\($0.value)") })
      + command.assignments
    {
      guard let assignment else { continue }
      let variable = try registry.variable(assignment.name)
      chosen[variable.name] = try variable.accepted(assignment.value, absolute: options.absolute)
    }
    if let slug = command.asNew {
      chosen[Renderer.slugVariable] = try registry.variable(Renderer.slugVariable.rawValue).accept(slug)
    }
    // What the command line says wins before the file's values are checked.
    chosen.merge(try Self.valuesFile(command, registry, without: Set(chosen.keys))) { said, _ in said }
    let existing = try Self.existingFolder(command)
    let found = try existing.map { folder in
      try Self.looking(into: folder) { try Self.deployment(in: folder, command) }
    }
    if let existing, let found = found.flatMap({ $0 }) {
      folder = existing
      kind = found.kind
      before = found.file.text
      file = try found.file.setting(chosen, of: registry)
      return
    }
    self.kind = .empty
    before = nil
    if let existing, let begun = try Self.begun(in: existing, command) {
      folder = existing
      file = try begun.setting(chosen, of: registry)
      return
    }
    if options.mayAsk { try Questions(registry: registry, options: options).ask(into: &chosen) }
    let values = Dictionary(uniqueKeysWithValues: chosen.map { ($0.key.rawValue, $0.value) })
    let configuration = try Configuration(registry: registry, chosen: values)
    folder = existing ?? options.absolute(configuration.slug)
    if existing == nil {
      try Self.check(try DeploymentFolder.kind(of: folder, recovering: !command.dryRun), folder, orEmpty: true)
      if let begun = try Self.begun(in: folder, command) {
        file = try begun.setting(chosen, of: registry)
        return
      }
    }
    file = try ConfigurationFile.new(
      configuration, registry: registry, disabled: [],
      pinned: ["deployment_name", Renderer.slugVariable, "container_tag"])
  }

  /// What a command that edits `dioptra.yaml` makes of an existing deployment.
  init(
    editing folder: String, from before: ConfigurationFile, to file: ConfigurationFile, registry: ComponentRegistry,
    conflict: ConflictOptions, options: GlobalOptions
  ) throws {
    self.registry = registry
    self.options = options
    self.conflict = conflict
    self.folder = folder
    self.file = file
    self.before = before.text
    identity = .undecided
    kind = try DeploymentFolder.kind(of: folder, recovering: true)
    try Self.check(kind, folder)
  }

  /// Looks into a folder that another first `init` may be filling: what is half made there is not a fault of the folder.
  private static func looking<Found>(into folder: String, _ look: () throws -> Found) throws -> Found {
    do {
      return try look()
    } catch {
      guard DeploymentFolder.isFolder(folder) else { throw error }
      try FolderLock.requireFree(ConfinedFolder(path: folder))
      return try look()
    }
  }

  /// The deployment that is in a folder; nil for an empty one.
  private static func deployment(
    in folder: String, _ command: InitCommand
  ) throws -> (kind: DeploymentFolder.Kind, file: ConfigurationFile)? {
    let kind = try DeploymentFolder.kind(of: folder, recovering: !command.dryRun)
    guard kind != .empty else { return nil }
    try check(kind, folder)
    let confined = try ConfinedFolder(path: folder)
    let file = try command.options.configurationFile(in: confined)
    let state = kind == .deployment ? try State(readingIn: confined, recovering: !command.dryRun) : nil
    if let recorded = try state?.recordedConfiguration { try file.requireChoices(of: recorded) }
    return (kind, file)
  }

  /// The configuration of a first `init` that was interrupted in an otherwise empty folder.
  private static func begun(in folder: String, _ command: InitCommand) throws -> ConfigurationFile? {
    guard DeploymentFolder.isFolder("\(folder)/\(State.folder)") else { return nil }
    let state = try State(readingIn: try ConfinedFolder(path: folder), recovering: !command.dryRun)
    if let text = try state?.pendingChoices { return try ConfigurationFile(text: text) }
    Output.complain(
      "an earlier first `dioptra init` in \(folder) was interrupted before its choices were recorded. "
        + "Those that are not given again are the defaults.")
    return nil
  }

  /// The folder that the command line names, or that the current folder is part of.
  private static func existingFolder(_ command: InitCommand) throws -> String? {
    guard command.directory == nil || command.options.folder == nil else {
      throw DioptraError("DIR and -C both name the folder", remedy: "Give one of them", exitCode: .usage)
    }
    if let directory = command.directory { return DeploymentFolder.canonical(command.options.absolute(directory)) }
    if let folder = command.options.folder { return DeploymentFolder.canonical(command.options.absolute(folder)) }
    return DeploymentFolder.find(from: DeploymentFolder.canonical(command.options.absolute(".")))
  }

  private static func valuesFile(
    _ command: InitCommand, _ registry: ComponentRegistry, without said: Set<VariableName>
  ) throws -> [VariableName: String] {
    guard let path = command.values else { return [:] }
    guard let data = FileManager.default.contents(atPath: command.options.absolute(path)) else {
      throw DioptraError("the values file \(path) cannot be read", remedy: "Check the path and your permissions")
    }
    let variables = registry.components.flatMap(\.variables)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw DioptraError("the values file \(path) is not UTF-8 text", remedy: "Save it as UTF-8")
    }
    let file = try ValuesFile(text: text, name: path, variables: variables)
    if let fault = file.faults.first(where: { !said.contains(VariableName($0.name)) }) { throw fault.error }
    let values = file.values.filter { !said.contains(VariableName($0.key)) }.sorted { $0.key < $1.key }
    return try Dictionary(
      uniqueKeysWithValues: values.map { name, value in
        let variable = try variables.named(name)
        let accepted = try ValuesFile.checked(variable.name, in: path) {
          try variable.accepted(value, absolute: command.options.absolute)
        }
        return (variable.name, accepted)
      })
  }

  private static func check(_ kind: DeploymentFolder.Kind, _ folder: String, orEmpty: Bool = false) throws {
    switch kind {
    case .deployment where orEmpty, .configurationOnly where orEmpty:
      throw DioptraError(
        "there is a deployment in \(folder) already",
        remedy: "Run `dioptra init \(folder)` to complete it, or choose another deployment_name")
    case .deployment, .configurationOnly, .empty: return
    case .secretsOnly:
      throw DioptraError(
        "\(folder) has secrets, but not the state that knows them, and new ones would lock you out of its data",
        remedy: "Run `dioptra adopt \(folder.shellQuoted)`, which takes the folder over as it is, "
          + "or restore \(folder)/.dioptra from a backup")
    case .adopting:
      throw DioptraError(
        "`dioptra adopt` did not get to its end in \(folder)",
        remedy: "Run `dioptra adopt \(folder.shellQuoted)` again, which finishes it")
    case .foreign:
      throw DioptraError(
        "\(folder) is not empty and no deployment", remedy: "Give an empty folder, or one that does not exist yet")
    }
  }
}

extension Variable {
  /// The canonical form of a value of the command line; the path of a directory becomes absolute.
  func accepted(_ value: String, absolute: (String) -> String) throws -> String {
    guard type.name == VariableType.directory.name, !value.isEmpty else { return try accept(value) }
    let path = try accept(value.hasPrefix("/") || value.hasPrefix("~") ? absolute(value) : value)
    guard DeploymentFolder.isFolder(path) else {
      throw DioptraError("\(name) is \(path.quoted), which is no directory", remedy: "Make it, or give another one")
    }
    return path
  }
}
