internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension Explainer {
  func explanation(of variable: Variable) -> Explanation {
    let owner = deployment.configuration.components.first { $0.variables.contains { $0.name == variable.name } }
    var explanation = Explanation(.variable, variable.name.rawValue, of: owner?.id ?? "")
    explanation.tell("what it is", variable.help)
    explanation.tell("value", deployment.configuration.entry(variable.name)?.value ?? "")
    explanation.tell("decided by", layer(of: variable, deployment.configuration))
    explanation.tell("type", variable.type.name)
    explanation.tell("other spellings", variable.aliases)
    tellReach(of: variable, &explanation)
    return explanation
  }

  private func tellReach(of variable: Variable, _ explanation: inout Explanation) {
    let reach = VariableReach(of: variable, in: deployment, registry, file)
    let names = { (names: [String], others: [String]) in names + others.map { "\($0), with another value" } }
    explanation.tell(
      "decides", deployment.configuration.variables.map(\.name).filter(reach.variables.contains).map(\.rawValue))
    explanation.tell(
      "shown in",
      names(
        reach.files.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }, reach.otherFiles.sorted()))
    explanation.tell(
      "services",
      names(
        blueprint.services.map(\.name).filter(reach.services.contains).map(\.rawValue),
        reach.otherServices.sorted().map(\.rawValue)))
    let initServices = blueprint.initServices.map(\.name).filter(reach.services.contains)
    explanation.tell(
      "files read by",
      blueprint.services.filter { service in
        !reach.services.contains(service.name) && reach.files.keys.contains { service.value.reads($0) }
      }.map(\.name.rawValue))
    explanation.tell("during init", initServices.map(\.rawValue))
    explanation.tell(
      "steps",
      names(
        blueprint.steps.map(\.id).filter(reach.steps.contains).map(\.rawValue),
        reach.otherSteps.sorted().map(\.rawValue)))
    if let failure = reach.failure {
      explanation.tell("not compared", "no other value could be rendered: \(failure.problem)")
    }
  }

  func explanation(of service: Owned<Service>) throws -> Explanation {
    var explanation = Explanation(.service, service.name.rawValue, of: service.owner)
    explanation.tell("what it is", service.summary)
    explanation.tell("image", try deployment.plainTexts([service.image]))
    explanation.tell("command", try deployment.plainTexts(service.command).joined(separator: " ").nonEmpty)
    explanation.tell("environment from", service.environmentFiles)
    explanation.tell(
      "environment",
      try service.environment.map { variable in
        switch variable.value {
        case .text(let text): "\(variable.name)=\(try deployment.plainTexts([text])[0])"
        case .setting(let name): "\(variable.name) from \(name) in .env"
        }
      })
    explanation.tell(
      "mounts",
      try service.mounts.map { mount in
        let source =
          switch mount.source {
          case .volume(let name): "volume \(deployment.volumeName(name))"
          case .folder(let path): "./\(path)"
          case .host(let path): try deployment.plainTexts([path])[0]
          }
        return "\(source) at \(mount.target)\(mount.isReadOnly ? ", read-only" : "")"
      })
    explanation.tell(
      "ports", try service.ports.map { "\(try deployment.plainTexts([$0.hostPort])[0]) of the host: \($0.summary)" })
    explanation.tell(
      "reached at", blueprint.endpoints.filter { $0.service == service.name }.map { "\($0.name): port \($0.port)" })
    explanation.tell(
      "health", try service.healthCheck.map { try deployment.plainTexts($0.command).joined(separator: " ") })
    explanation.tell("steps", blueprint.steps.filter { $0.action.service == service.name }.map(\.id.rawValue))
    return explanation
  }

  func explanation(of secret: Owned<Secret>) throws -> Explanation {
    var explanation = Explanation(.secret, secret.name.rawValue, of: secret.owner)
    explanation.tell("what it opens", secret.summary)
    let record = try state?.secretRecords().first { $0.name == secret.name }
    explanation.tell("version", record.map { "\($0.version), since \($0.createdAt)" } ?? "not generated yet")
    explanation.tell(
      "shown in",
      deployment.tree.files.filter { $0.secrets.contains { $0.name == secret.name } }.map(\.path))
    let settings = blueprint.settings.filter { $0.value.value.shows(secret.name) }.map(\.name)
    explanation.tell("settings", settings)
    explanation.tell("taken by", takers(of: settings))
    explanation.tell("show it", "dioptra secret show \(secret.name)")
    return explanation
  }

  func explanation(of setting: Owned<Setting>) throws -> Explanation {
    var explanation = Explanation(.setting, setting.name, of: setting.owner)
    let text = try deployment.renderer.resolved(setting.value.value)
    explanation.tell("value", text.masked)
    explanation.tell("secrets", text.secrets.map { "\($0.name)\(age(of: $0.name))" })
    explanation.tell("taken by", takers(of: [setting.name]))
    return explanation
  }

  private func takers(of settings: [String]) -> [String] {
    (blueprint.services + blueprint.initServices).filter { service in
      service.environment.contains { if case .setting(let name) = $0.value { settings.contains(name) } else { false } }
    }.map(\.name.rawValue).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }

  /// A variable with what decided its value and what it is for.
  ///
  /// - Parameter configuration: Which has the value; nil where it is not known.
  func text(_ name: VariableName, in configuration: Configuration?) -> String {
    guard let configuration, let variable = configuration.variables.first(where: { $0.name == name }) else {
      return name.rawValue
    }
    return
      "\(name) = \(configuration.entry(name)?.value ?? "") (\(layer(of: variable, configuration))): \(variable.help)"
  }

  private func layer(of variable: Variable, _ configuration: Configuration) -> String {
    switch (configuration.entry(variable.name)?.layer, variable.defaultValue) {
    case (.file, _): "dioptra.yaml"
    case (.derived, .derived(let explanation, _)): "by default \(explanation)"
    default: "default"
    }
  }

  func age(of secret: SecretName) -> String {
    guard let record = try? state?.secretRecords().first(where: { $0.name == secret }) else { return "" }
    return " (version \(record.version), since \(record.createdAt))"
  }
}

extension Text {
  fileprivate func shows(_ secret: SecretName) -> Bool {
    segments.contains { if case .secret(secret, _, _) = $0.content { true } else { false } }
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
