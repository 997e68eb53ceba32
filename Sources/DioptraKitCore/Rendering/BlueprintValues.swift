internal import DioptraModel
internal import DioptraSystem

/// The template values that describe the whole deployment, each list in the order of the components.
struct BlueprintValues {
  let renderer: Renderer
  /// The width of the column of options in a script's help.
  private static let usageWidth = 25

  subscript(_ name: String) -> TemplateValue? {
    get throws {
      switch name {
      case "slug": .text(renderer.context.deploymentPrefix)
      case "readme_rows":
        .list(
          renderer.blueprint.readmeRows.map { row in
            ["path": .text(Text(row.path)), "summary": .text(Text(row.summary))]
          })
      case "ignore_patterns":
        .list(
          renderer.blueprint.ignorePatterns.map { pattern in
            [
              "reason": .text(Text(pattern.reason)),
              "patterns": .list(pattern.patterns.map { ["pattern": .text(Text($0))] }),
            ]
          })
      case "has_data_services": .flag(renderer.blueprint.services.contains { $0.dataPath != nil })
      case "data_services":
        .list(
          renderer.blueprint.services.compactMap { service in
            service.dataPath.map { path in
              [
                "name": .text(renderer.context.name(of: service.name)),
                "path": .text(Text(path)),
                "has_gpu": .flag(service.accelerator != nil),
                "gpu_variable": .text(
                  Text(service.accelerator.map(renderer.context.configuration.dialect.deviceVariable) ?? "")),
              ]
            }
          })
      case "init_steps":
        .list(try StepCommand.all(renderer).map { try $0.values() })
      case "skip_options":
        .list(
          renderer.blueprint.steps.compactMap { step in
            step.skip.map { skip in
              [
                "option": .text(Text(skip.option)), "variable": .text(Text(skip.option.shellVariable)),
                "value": .text(Text(skip.isChosen ? "yes" : "no")),
                "usage": .text(Text("--\(skip.option)".padded(to: Self.usageWidth))), "title": .text(Text(step.title)),
              ]
            }
          })
      case "script_flags": .list(renderer.blueprint.scriptFlags.map(scriptFlag))
      case "secret_files": .text(Text(renderer.blueprint.secretFiles.joined(separator: " ")))
      case "has_front_page": .flag(!renderer.blueprint.webAddresses.isEmpty)
      case "front_page": .text(renderer.blueprint.webAddresses.first?.url ?? "")
      case "passwords":
        .list(
          renderer.blueprint.secrets.compactMap { secret in
            if case .password = secret.form { ["name": .text(Text(secret.name.rawValue))] } else { nil }
          })
      case "keys":
        .list(
          renderer.blueprint.secrets.compactMap { secret in
            guard case .key(let bytes) = secret.form else { return nil }
            return ["name": .text(Text(secret.name.rawValue)), "bytes": "\(bytes)"]
          })
      case "credential_templates": .list(standaloneTemplates(ofSecrets: true))
      case "other_templates": .list(standaloneTemplates(ofSecrets: false))
      case "overridable":
        .list(
          try renderer.context.configuration.variables.compactMap { variable in
            try variable.standaloneOption.map { option in
              let value = try renderer.context[variable.name]
              return [
                "option": .text(Text(option)), "variable": .text(Text(option.shellVariable)),
                "usage": .text(Text("--\(option) VALUE".padded(to: Self.usageWidth))),
                "help": .text(Text(variable.help)), "shown": .text(value), "value": .text(value.shellQuoted),
              ]
            }
          })
      default: nil
      }
    }
  }

  private func scriptFlag(_ flag: Owned<ScriptFlag>) -> [String: TemplateValue] {
    let (isSwitch, otherwise, choices, kind) =
      switch flag.form {
      case .on(let otherwise): (true, otherwise, [String](), "")
      case .choice(let choices, let kind): (false, "", choices, kind)
      }
    let stem = flag.name.hasPrefix("enable-") ? String(flag.name.dropFirst("enable-".count)) : flag.name
    let word = kind.split(separator: " ").first.map { " \($0.uppercased())" } ?? ""
    return [
      "option": .text(Text(flag.name)), "name": .text(Text(flag.value.variable.rawValue)),
      "variable": .text(Text(stem.shellVariable)), "value": .text(flag.value.value),
      "usage": .text(Text("--\(flag.name)\(word)".padded(to: Self.usageWidth))), "help": .text(Text(flag.help)),
      "is_switch": .flag(isSwitch), "otherwise": .text(Text(otherwise)), "kind": .text(Text(kind)),
      "words": .text(Text(choices.joined(separator: "|"))),
      "has_files": .flag(!flag.files.isEmpty), "files": .text(Text(flag.files.joined(separator: " "))),
      "purpose": .text(Text(flag.purpose)),
    ]
  }

  /// The templates that the folder's own generator renders.
  private func standaloneTemplates(ofSecrets: Bool) -> [[String: TemplateValue]] {
    let secret = Set(renderer.blueprint.files.filter { $0.permissions == .secret }.map(\.path))
    return renderer.blueprint.files.compactMap { file in
      guard let output = file.standaloneOutput, secret.contains(output) == ofSecrets else { return nil }
      let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
      return ["template": .text(Text(name)), "output": .text(Text(output))]
    }
  }
}
