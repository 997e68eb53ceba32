import ArgumentParser
import DioptraKitCore

struct ComponentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "component",
    abstract: "Lists components, and switches them on and off.",
    discussion: """
      Changes dioptra.yaml only; `dioptra init` applies the change, and so does --apply.

      EXAMPLES:
        dioptra component list
        dioptra component show dbadmin
        dioptra component disable dbadmin
      """,
    subcommands: [List.self, Show.self, Enable.self, Disable.self],
    defaultSubcommand: List.self
  )

  /// A component as `--json` shows it.
  struct Row: Encodable {
    let name: String
    let enabled: Bool
    let optional: Bool
    let summary: String

    init(_ component: any Component, disabled: Set<ComponentID>) {
      name = component.id.rawValue
      enabled = !disabled.contains(component.id)
      optional = component.isOptional
      summary = component.summary
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the components.")
    @OptionGroup var options: GlobalOptions

    func run() throws {
      let (registry, file, _) = try options.configuration()
      let rows = registry.components.map { Row($0, disabled: file.disabled) }
      try options.output.result(["components": rows]) {
        options.output.table(
          ["COMPONENT", "STATE", "WHAT IT IS"],
          rows.map { [$0.name, $0.optional ? ($0.enabled ? "on" : "off") : "always on", $0.summary] })
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows what a component contributes.")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The component's name.") var name: String

    func run() throws {
      let (registry, file, values) = try options.configuration()
      let component = try registry.existing(name)
      let view = try ComponentView(component, file: file, values: values, folder: options.deploymentFolder().path)
      try options.output.result(view) { view.text }
    }
  }

  struct Enable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Switches a component on.")
    @Argument(help: "The component's name.") var name: String
    @OptionGroup var edit: EditOptions

    func run() async throws { try await edit.switchComponent(name, on: true) }
  }

  struct Disable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "disable", abstract: "Switches a component off.")
    @Argument(help: "The component's name.") var name: String
    @OptionGroup var edit: EditOptions

    func run() async throws { try await edit.switchComponent(name, on: false) }
  }
}

extension EditOptions {
  fileprivate func switchComponent(_ name: String, on: Bool) async throws {
    let unchanged = "The component \(name) is already \(on ? "on" : "off")."
    try await edit("dioptra component \(on ? "enable" : "disable")", unchanged: unchanged) { file, registry in
      let id = try registry.existing(name).id
      if file.disabled.contains(id) == on { try file.setComponent(id, enabled: on) }
    }
  }
}
