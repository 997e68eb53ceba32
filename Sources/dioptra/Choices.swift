import DioptraKitCore
import FoundationEssentials

/// What a call of `init` chooses: values from a file, from the command line and from the user at the terminal.
struct Choices {
  /// The deployment's folder, existing or new.
  let target: InitTarget
  /// The configuration with the choices in it.
  let file: ConfigurationFile

  init(_ command: InitCommand, of registry: ComponentRegistry) throws {
    var chosen = try Self.given(command, registry)
    let existing = try Self.existingFolder(command).map {
      try Self.told(InitTarget(existing: $0, recovering: !command.dryRun))
    }
    if let existing, let known = existing.file {
      (target, file) = (existing, try known.setting(chosen, of: registry))
      return
    }
    if command.options.mayAsk {
      try Questions(registry: registry, options: command.options).ask(into: &chosen)
    }
    let values = Dictionary(uniqueKeysWithValues: chosen.map { ($0.key.rawValue, $0.value) })
    let configuration = try Configuration(registry: registry, chosen: values)
    let named = command.options.absolute(configuration.slug)
    target = try existing ?? Self.told(InitTarget(new: named, recovering: !command.dryRun))
    file =
      try target.file?.setting(chosen, of: registry)
      ?? ConfigurationFile.new(
        configuration, registry: registry, disabled: [],
        pinned: ["deployment_name", Renderer.slugVariable, "container_tag"])
  }

  /// The values of the command line and of the values file.
  private static func given(
    _ command: InitCommand, _ registry: ComponentRegistry
  ) throws -> [VariableName: String] {
    var chosen: [VariableName: String] = [:]
    for assignment in command.legacy.assignments.map({ Assignment(argument: "\($0.name)=\($0.value)") })
      + command.assignments
    {
      guard let assignment else { continue }
      let variable = try registry.variable(assignment.name)
      chosen[variable.name] = try variable.accepted(assignment.value, absolute: command.options.absolute)
    }
    if let slug = command.asNew {
      chosen[Renderer.slugVariable] = try registry.variable(Renderer.slugVariable.rawValue).accept(slug)
    }
    // Values of the command line replace those of the file before the file is checked.
    return chosen.merging(try valuesFile(command, registry, without: Set(chosen.keys))) { said, _ in said }
  }

  /// Reports on an interrupted first `init`.
  private static func told(_ target: InitTarget) throws -> InitTarget {
    if target.hasLostChoices {
      Output.complain(
        "an earlier first `dioptra init` in \(target.folder) was interrupted before its choices were recorded. "
          + "Choices that you do not give again take their defaults.")
    }
    return target
  }

  /// The folder that the command line names, or that the current folder is part of.
  private static func existingFolder(_ command: InitCommand) throws -> String? {
    guard command.directory == nil || command.options.folder == nil else {
      throw DioptraError(.usage, "DIR and -C both name the folder", remedy: "Give one of them")
    }
    if let directory = command.directory { return DeploymentFolder.canonical(command.options.absolute(directory)) }
    if let folder = command.options.folder { return DeploymentFolder.canonical(command.options.absolute(folder)) }
    return DeploymentFolder.find(from: DeploymentFolder.canonical(command.options.absolute(".")))
  }

  private static func valuesFile(
    _ command: InitCommand, _ registry: ComponentRegistry, without said: Set<VariableName>
  ) throws -> [VariableName: String] {
    guard let path = command.values else { return [:] }
    guard let data = NamedFile.contents(atPath: command.options.absolute(path)) else {
      throw DioptraError(
        .configurationInvalid, "the values file \(path) cannot be read", remedy: "Check the path and your permissions")
    }
    let variables = registry.components.flatMap(\.variables)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw DioptraError(
        .configurationInvalid, "the values file \(path) is not UTF-8 text", remedy: "Save \(edit: path) as UTF-8")
    }
    return try ValuesFile(text: text, name: path, variables: variables).accepted(except: said) {
      try $0.accepted($1, absolute: command.options.absolute)
    }
  }
}

extension Variable {
  /// The canonical form of a value of the command line; the path of a directory becomes absolute.
  func accepted(_ value: String, absolute: (String) -> String) throws -> String {
    guard type.name == VariableType.directory.name, !value.isEmpty else { return try accept(value) }
    let path = try accept(value.hasPrefix("/") || value.hasPrefix("~") ? absolute(value) : value)
    guard DeploymentFolder.isFolder(path) else {
      throw DioptraError(
        .valueInvalid, "\(name) is \(path.quoted), which is not a directory", remedy: "Make it, or give another one")
    }
    return path
  }
}
