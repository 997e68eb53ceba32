import DioptraKitCore

/// `init-named-volumes.sh`, generated from the components' volume preparations.
struct VolumeScript {
  let preparations: [VolumePreparation]

  var volumes: [VolumeName] { preparations.map(\.volume) }

  /// The volumes from which files are copied.
  var readVolumes: Set<VolumeName> {
    Set(
      actions.compactMap { action in
        if case .copyFromVolume(let volume, _, _, _) = action { volume } else { nil }
      })
  }

  /// What decides whether the volumes must be filled again.
  var inputs: [Step.Input] {
    let files = actions.flatMap { action -> [String] in
      switch action {
      case .copy(let path, _, _), .value(_, let path, _, _): [path]
      case .copyMatching(let folder, _, _): [folder]
      case .certificateAuthorities: ["ssl/ca-certificates"]
      case .clear, .folder, .subfolder, .copyFromVolume, .remove: []
      }
    }
    return Set(files).sorted().map { .file($0) } + [.file("scripts/init-named-volumes.sh")]
      + conditions.map { .variable($0) } + volumes.map { .volume($0) }
  }

  func script(body: Template) -> ContainerScript {
    ContainerScript(
      "init-named-volumes", "Fills the deployment's volumes from its folder.", options: options,
      body: .template(
        body,
        [
          "preparations": .list(
            preparations.map { preparation in
              [
                "volume": .text(Text(preparation.volume.rawValue)),
                "directory": .text(Text(argument(preparation.directoryOption))),
                "owner": .text(Text(argument(preparation.owner.option))),
                "commands": .list(preparation.actions.map { ["command": .text(Text(line($0)))] }),
              ]
            })
        ]))
  }

  private var actions: [VolumePreparation.Action] { preparations.flatMap { $0.actions.map(\.action) } }

  /// The variables of conditional actions.
  var conditions: [VariableName] {
    preparations.flatMap { $0.actions.compactMap { $0.condition?.variable } }.reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }

  /// The script's option for a variable.
  static func flag(_ variable: VariableName) -> String { variable.rawValue.replacing("_", with: "-") }

  private var options: [ContainerScript.Option] {
    let owners = preparations.map(\.owner).reduce(into: [VolumePreparation.Owner]()) { owners, owner in
      if !owners.contains(owner) { owners.append(owner) }
    }
    return [
      .value("scripts-dir", help: "Folder of the other scripts", default: "/scripts"),
      .value("config-dir", help: "The deployment's config/", default: "/config"),
      .value("secrets-dir", help: "The deployment's secrets/", default: "/secrets"),
      .value("ssl-dir", help: "The deployment's ssl/", default: "/ssl"),
    ]
      + owners.map { .value($0.option, help: $0.help, default: $0.value) }
      + preparations.map { preparation in
        .value(
          preparation.directoryOption, help: "Where the volume \(preparation.volume) is mounted",
          default: "/volumes/\(preparation.volume)")
      }
      + conditions.map { .flag(Self.flag($0), help: "Act as with \($0): true in dioptra.yaml") }
  }

  private func argument(_ option: String) -> String {
    "${_arg_\(option.replacing("-", with: "_"))}"
  }

  private func line(_ conditional: VolumePreparation.Conditional) -> String {
    guard let condition = conditional.condition else { return command(conditional.action) }
    return
      "when \"\(argument(Self.flag(condition.variable)))\" \(condition.isOn ? "on" : "off") && \(command(conditional.action))"
  }

  /// A call of one of the functions at the head of the script's body.
  private func command(_ action: VolumePreparation.Action) -> String {
    switch action {
    case .clear: "clear_volume"
    case .folder(let mode): "set_folder . \(mode)"
    case .subfolder(let name, let mode): "make_folder \(name) \(mode)"
    case .copy(let path, let name, let mode): "copy_file \"\(source(path))\" \(name) \(mode)"
    case .copyMatching(let folder, let pattern, let mode):
      "copy_matching \"\(source(folder))\" '\(pattern)' \(mode)"
    case .value(let key, let path, let name, let mode):
      "write_value \(key) \"\(source(path))\" \(name) \(mode)"
    case .copyFromVolume(let volume, let path, let name, let mode):
      "copy_file \"\(directory(of: volume))/\(path)\" \(name) \(mode)"
    case .certificateAuthorities(let folder): "mirror_authorities \(folder)"
    case .remove(let names): "remove_files \(names.joined(separator: " "))"
    }
  }

  /// A path of the deployment folder, as the preparing container sees it.
  private func source(_ path: String) -> String {
    let parts = path.split(separator: "/", maxSplits: 1)
    return argument("\(parts[0])-dir") + (parts.count > 1 ? "/\(parts[1])" : "")
  }

  private func directory(of volume: VolumeName) -> String {
    let option = preparations.first { $0.volume == volume }?.directoryOption
    return option.map(argument) ?? "/volumes/\(volume)"
  }
}
