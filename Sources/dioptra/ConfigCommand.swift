import ArgumentParser
import DioptraKitCore

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Reads and changes dioptra.yaml.",
    discussion: """
      Nothing but dioptra.yaml changes, unless --apply is given; `dioptra init` applies it.

      EXAMPLES:
        dioptra config list
        dioptra config get container_tag
        dioptra config set num_pytorch_gpu_workers=2 enable_nginx_ssl=true
      """,
    subcommands: [List.self, Get.self, Set.self],
    defaultSubcommand: List.self
  )

  /// A variable as `--json` shows it.
  struct Row: Encodable {
    let name: String
    let value: String
    let layer: Configuration.Layer
    let type: String
    let help: String

    init(_ variable: Variable, in values: Configuration) {
      name = variable.name.rawValue
      value = values.entry(variable.name)?.value ?? ""
      layer = values.entry(variable.name)?.layer ?? .default
      type = variable.type.name
      help = variable.help
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists every variable with its value.")
    @OptionGroup var options: GlobalOptions

    func run() throws {
      let values = try options.configuration().values
      let rows = values.variables.map { Row($0, in: values) }
      try options.output.result(["variables": rows]) {
        options.output.table(["VARIABLE", "VALUE", "FROM"], rows.map { [$0.name, $0.value, $0.layer.text] })
      }
    }
  }

  struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "get", abstract: "Prints the value of one variable.")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The variable's name.") var name: String

    func run() throws {
      let values = try options.configuration().values
      let row = Row(try values.variables.named(name), in: values)
      try options.output.result(row) { row.value + "\n" }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Sets variables in dioptra.yaml.")
    @Argument(help: "Variables to set, as NAME=VALUE.") var assignments: [Assignment]
    @OptionGroup var edit: EditOptions

    func run() async throws {
      try await edit.edit("dioptra config set", unchanged: "No change: dioptra.yaml already has these values.") {
        file, registry in
        for assignment in assignments { try file.set(assignment, of: registry, options: edit.options) }
      }
    }
  }
}

extension Configuration.Layer {
  var text: String {
    switch self {
    case .default: "default"
    case .derived: "other variables"
    case .file: "dioptra.yaml"
    }
  }
}
