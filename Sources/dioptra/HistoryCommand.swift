import ArgumentParser
import DioptraKitCore

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Shows every run that changed the deployment or tried to.",
    discussion: """
      Every run has a number. A run that changed files also has a generation: the files as they were afterwards. A run \
      without an end whose process is gone was interrupted.

      EXAMPLES:
        dioptra history
        dioptra history --since 7d --component nginx
        dioptra history show 3
        dioptra history diff 1 2 config/nginx
        dioptra history head
        dioptra history verify --head 41-9f3c…
        dioptra history export > history.jsonl
      """,
    subcommands: [List.self, Show.self, Diff.self, Verify.self, Head.self, Export.self],
    defaultSubcommand: List.self
  )

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists the runs, newest first. The default.")

    @Option(
      help: ArgumentHelp("Only runs since a day, a time (RFC 3339) or a span such as 7d or 12h.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only runs that changed this component or ran its steps.", valueName: "id"))
    var component: String?
    @OptionGroup var options: GlobalOptions

    func run() throws {
      let now = Timestamp.now
      let since = try since.map { try Timestamp(since: $0, now: now) }
      let history = try options.history()
      let runs = try history.runs(
        since: since, component: try component.map { try known($0, history) },
        of: component == nil ? nil : options.context().registry)
      if options.json { return try options.output.raw(HistoryJSON(runs).text) }
      try options.output.raw(
        runs.isEmpty ? "No runs.\n" : options.output.table(HistoryTable.header, HistoryTable(runs, now: now).rows))
    }

    /// A component that exists now or did earlier.
    private func known(_ name: String, _ history: History) throws -> ComponentID {
      if try history.components().contains(ComponentID(name)) { return ComponentID(name) }
      return try options.context().registry.existing(name).id
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Shows one run: the changes to each file, the steps that ran, and their output.",
      discussion:
        "With --verbose, also the content of files that were added or deleted, and the full output of the steps.")

    @Argument(help: ArgumentHelp("The number of the run.", valueName: "run")) var number: Int
    @OptionGroup var options: GlobalOptions

    func run() throws {
      let details = try options.history().details(of: number)
      try options.output.result(details) { details.text(now: .now, all: options.verbose) }
    }
  }

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "diff", abstract: "Compares configuration and files of two generations; secrets are not shown.")

    @Argument(help: "The number of a generation.") var from: Int
    @Argument(help: "The number of another generation.") var to: Int
    @Argument(help: "Only this file, or the files in this folder.") var path: String?
    @OptionGroup var options: GlobalOptions

    func run() throws {
      let difference = try options.history().difference(from: from, to: to, at: path)
      try options.output.result(difference) { difference.text }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Exports the history as lines of JSON, without secrets.",
      discussion: """
        Each line is a row: {"table": "run", …}. In the contents of files, secrets appear as ‹name›. Events are \
        exported unchanged, so that their chain can be recomputed.
        """)

    @OptionGroup var options: GlobalOptions

    func run() throws {
      var lines = ""
      let output = options.output
      try HistoryExport(of: try options.state()).lines { line in
        lines += line + "\n"
        guard lines.utf8.count > 1 << 16 else { return }
        try output.raw(lines)
        lines = ""
      }
      try output.raw(lines)
    }
  }
}

extension GlobalOptions {
  /// The history in the deployment's State.
  func history() throws -> History {
    let folder = try deploymentFolder()
    guard let state = try State(readingIn: folder) else {
      throw DioptraError(.notInitialized, "\(folder.path) has no history yet", remedy: "Run \(dioptra: "init") there")
    }
    return History(of: state, in: folder)
  }
}
