package import DioptraModel
internal import DioptraSystem

/// A step as a call of the standalone script's functions.
struct StepCommand {
  let step: Step
  let renderer: Renderer

  /// The steps of a blueprint. The script fetches all images in one step.
  static func all(_ renderer: Renderer) -> [StepCommand] {
    let steps = renderer.blueprint.steps.map(\.value)
    let images = steps.first(where: \.action.isFetch).map { first in
      Step("images", "Fetch images", action: first.action, deadline: first.deadline)
    }
    let others = steps.filter { !$0.action.isFetch }
    return ((images.map { [$0] } ?? []) + others).map { StepCommand(step: $0, renderer: renderer) }
  }

  /// The values for one iteration of a template's section `init_steps`.
  func values() throws -> [String: TemplateValue] {
    let call: [Text] = try ["step", Text(step.title.shellQuoted), Text(String(step.deadline))] + arguments()
    return [
      "title": .text(Text(step.title)),
      "call": .text(call.joined(separator: " ")),
      "is_optional": .flag(step.skip != nil),
      "skip_variable": .text(Text(step.skip?.option.shellVariable ?? "")),
    ]
  }

  private func arguments() throws -> [Text] {
    switch step.action {
    case .fetch: ["pull_images"]
    case .run(let service, let arguments): try ["run_once", Text(service.rawValue)] + arguments.map(word)
    case .start(let service, let probe): try ["start_service", Text(service.rawValue)] + probe.map(word)
    case .execute(let service, let command): try ["execute_in", Text(service.rawValue)] + command.map(word)
    case .stop: ["stop_services"]
    }
  }

  /// A value that an option of the script can replace remains a variable.
  private func word(_ text: Text) throws -> Text {
    if case .variable(let name, _)? = text.segments.first?.content, text.segments.count == 1,
      let option = renderer.context.configuration.variables.first(where: { $0.name == name })?.standaloneOption
    {
      return Text("\"$\(option.shellVariable)\"")
    }
    return try renderer.resolved(text).shellQuoted
  }
}

extension Text {
  /// The text as one word of a shell; it holds no secret.
  package var shellQuoted: Text {
    let quoting = ShellQuoting(of: visible)
    return Text(quoting.quote) + mapCharacters(quoting.inside) + Text(quoting.quote)
  }
}

extension String {
  /// `skip-minio-setup` as a shell's variable.
  var shellVariable: String { replacing("-", with: "_") }
}
