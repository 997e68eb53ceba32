import ArgumentParser
import DioptraKitCore
import Plugins

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Tells of every run that changed the deployment or tried to.",
    discussion: """
      A run has a number, and one that changed files has a generation: the files as they were from then on. A run that \
      never ended and whose process is gone was interrupted.

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
      commandName: "list", abstract: "Lists the runs, the newest first. The default.")

    @Option(help: ArgumentHelp("Only since a day, a time (RFC 3339) or a span such as 7d or 12h.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only what changed something of this component or ran its steps.", valueName: "id"))
    var component: String?
    @OptionGroup var options: GlobalOptions

    func run() throws {
      let now = Timestamp.now
      let since = try since.map { try Timestamp(since: $0, now: now) }
      let history = try options.history()
      let runs = try history.runs(
        since: since, component: try component.map { try known($0, history) },
        of: component == nil ? nil : ReferenceDeployment.registry())
      if options.json { return try options.output.raw(HistoryJSON(runs).text) }
      try options.output.raw(
        runs.isEmpty ? "No run.\n" : options.output.table(HistoryTable.header, HistoryTable(runs, now: now).rows))
    }

    /// A component of today or of earlier times.
    private func known(_ name: String, _ history: History) throws -> ComponentID {
      if try history.components().contains(ComponentID(name)) { return ComponentID(name) }
      return try ReferenceDeployment.registry().existing(name).id
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Shows one run: what changed in which files, which steps ran, what they said.",
      discussion: "With --verbose also the content of files that are new or gone, and all that the steps said.")

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
    @Argument(help: "The number of another one.") var to: Int
    @Argument(help: "Only this file, or what is in this folder.") var path: String?
    @OptionGroup var options: GlobalOptions

    func run() throws {
      let difference = try options.history().difference(from: from, to: to, at: path)
      try options.output.result(difference) { difference.text }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Writes everything that history knows as lines of JSON, without secrets.",
      discussion: """
        Each line is a row: {"table": "run", …}. Contents of files have each secret as ‹name›. The events are as they are, \
        so that their chain can be computed anew.
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
  /// What the deployment's State tells.
  func history() throws -> History {
    let folder = try deploymentFolder()
    guard let state = try State(readingIn: folder) else {
      throw DioptraError(.notInitialized, "\(folder.path) has no history yet", remedy: "Run \(dioptra: "init") there")
    }
    return History(of: state, in: folder)
  }
}
