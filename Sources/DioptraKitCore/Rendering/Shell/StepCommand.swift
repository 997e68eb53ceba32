package import DioptraModel
internal import DioptraSystem

/// A step as a call of the standalone script's functions.
struct StepCommand {
  let step: Step
  let renderer: Renderer

  /// The values of one turn of a template's section `init_steps`.
  func values() throws -> [String: TemplateValue] {
    let call = try ["step", step.title.shellQuoted, String(step.deadline)] + words()
    return [
      "title": .text(Text(step.title)),
      "call": .text(Text(call.joined(separator: " "))),
      "is_optional": .flag(step.skip != nil),
      "skip_variable": .text(Text(step.skip?.option.shellVariable ?? "")),
    ]
  }

  private func words() throws -> [String] {
    switch step.action {
    case .pull: ["pull_images"]
    case .run(let service, let arguments): try ["run_once", service.rawValue] + arguments.map(word)
    case .start(let service, let probe): try ["start_service", service.rawValue] + probe.map(word)
    case .execute(let service, let command): try ["execute_in", service.rawValue] + command.map(word)
    case .stop: ["stop_services"]
    }
  }

  /// A value that an option of the script may replace stays a variable.
  private func word(_ text: Text) throws -> String {
    if case .variable(let name, _)? = text.segments.first, text.segments.count == 1,
      let option = renderer.context.configuration.variables.first(where: { $0.name == name })?.standaloneOption
    {
      return "\"$\(option.shellVariable)\""
    }
    return MarkedText.visible(try renderer.marked(text)).shellQuoted
  }
}

extension Text {
  /// The text as one word of a shell; it holds no secret.
  package var shellQuoted: Text {
    guard let characters, characters.shellQuoted != characters else { return self }
    return Text(characters.shellQuoted)
  }
}

extension String {
  /// `skip-minio-setup` as a shell's variable.
  var shellVariable: String { replacing("-", with: "_") }
}
