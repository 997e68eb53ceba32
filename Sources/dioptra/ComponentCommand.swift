import ArgumentParser
import DioptraKitCore
import Plugins

struct ComponentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "component",
    abstract: "Looks at components and switches them on and off.",
    discussion: """
      Nothing but dioptra.yaml changes; `dioptra init` applies it.

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
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows what a component brings.")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The component's name.") var name: String

    func run() throws {
      let (registry, file, values) = try options.configuration()
      let component = try registry.existing(name)
      let view = try ComponentView(component, file: file, values: values, folder: options.deploymentFolder().path)
      try options.output.result(view) { view.text }
    }
  }

  struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Switches a component on.")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The component's name.") var name: String

    func run() throws { try ComponentCommand.set(name, enabled: true, options) }
  }

  struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "disable", abstract: "Switches a component off.")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The component's name.") var name: String

    func run() throws { try ComponentCommand.set(name, enabled: false, options) }
  }

  private static func set(_ name: String, enabled: Bool, _ options: GlobalOptions) throws {
    let registry = try ReferenceDeployment.registry()
    let folder = try options.deploymentFolder()
    let lock = try FolderLock(in: folder, command: "dioptra component \(enabled ? "enable" : "disable")", now: .now)
    defer { withExtendedLifetime(lock) {} }
    var file = try options.configurationFile(in: folder)
    let id = try registry.existing(name).id
    guard file.disabled.contains(id) == enabled else {
      return options.output.say("The component \(id) is \(enabled ? "on" : "off") already.")
    }
    try file.setComponent(id, enabled: enabled)
    try file.check(registry, folder: folder.path)
    try folder.replaceConfiguration(with: file.text)
    options.output.say("dioptra.yaml is changed. Run `dioptra init` to apply it.")
  }
}
