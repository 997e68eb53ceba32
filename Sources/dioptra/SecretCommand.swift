import ArgumentParser
import DioptraKitCore

struct SecretCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secret",
    abstract: "Lists secrets, and shows one by name.",
    discussion: """
      EXAMPLES:
        dioptra secret list
        dioptra secret show pgadmin_default_password
      """,
    subcommands: [List.self, Show.self],
    defaultSubcommand: List.self
  )

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists the secrets without their values.")
    @OptionGroup var options: GlobalOptions

    struct Row: Encodable {
      let name: String
      let summary: String
      let version: Int
      let createdAt: String
    }

    func run() throws {
      let state = try options.state()
      let (_, _, values) = try options.configuration()
      let context = Context(
        configuration: values, identity: Identity(deployment: Identity.unnamed, folder: "/"))
      let summaries = Dictionary(
        uniqueKeysWithValues: try Blueprint(in: context).secrets.map { ($0.name, $0.summary) })
      let rows = try state.secretRecords().map { record in
        Row(
          name: record.name.rawValue, summary: summaries[record.name] ?? "no longer used", version: record.version,
          createdAt: record.createdAt)
      }
      try options.output.result(["secrets": rows]) {
        options.output.table(
          ["SECRET", "OPENS", "VERSION", "SINCE"], rows.map { [$0.name, $0.summary, "\($0.version)", $0.createdAt] })
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Prints the value of one secret.")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The secret's name.") var name: String

    struct Value: Encodable {
      let name: String
      let version: Int
      let value: String
    }

    func run() throws {
      let state = try options.state()
      let records = try state.secretRecords()
      guard let record = records.first(where: { $0.name.rawValue == name }) else {
        throw DioptraError(
          .nameUnknown, "there is no secret \(name.quoted)",
          remedy: .name(like: name, in: records.map(\.name.rawValue))
            ?? "See \(dioptra: "secret", "list") for the names")
      }
      let reference = SecretReference(name: record.name, version: record.version)
      let value = try state.secretValues().value(of: reference)
      try options.output.result(Value(name: name, version: record.version, value: value)) { value + "\n" }
    }
  }
}

extension GlobalOptions {
  /// The deployment's State, to look at.
  func state() throws -> State {
    let folder = try deploymentFolder()
    guard let state = try State(readingIn: folder) else {
      throw DioptraError(
        .notInitialized, "\(folder.path) has no secrets of its own yet", remedy: "Run \(dioptra: "init") there")
    }
    return state
  }
}

extension ComponentRegistry {
  func existing(_ name: String) throws -> any Component {
    if let component = self[ComponentID(name)] { return component }
    throw DioptraError(
      .nameUnknown, "there is no component \(name.quoted)",
      remedy: .name(like: name, in: components.map(\.id.rawValue))
        ?? "See \(dioptra: "component", "list") for the names")
  }
}
