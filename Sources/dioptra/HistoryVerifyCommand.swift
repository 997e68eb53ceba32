import ArgumentParser
import DioptraKitCore

extension HistoryCommand {
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Computes the chain of events anew and compares all that is remembered with it.",
      discussion: """
        Every event has the digest of the one before it, and binds what it tells of. A row that was changed, added or \
        removed does not fit any more, and the first break is named; the exit code is then 1.

        This finds careless alteration. Whoever can write .dioptra/state.db could also compute the chain anew, or cut off \
        its end so that the rest fits. Against that helps a head that was noted elsewhere: with --head, any change up to \
        that event is found. Nothing is said of what came after it.
        """)

    @Option(help: ArgumentHelp("What `dioptra history head` printed, noted elsewhere.", valueName: "head"))
    var head: String?
    @OptionGroup var options: GlobalOptions

    struct Report: Encodable {
      let intact: Bool
      let events: Int
      let head: String?
      let notedHead: String?
      let problem: String?
      let outputsThrownAway: Int
    }

    func run() throws {
      let noted = try head.map { try ChainHead($0) }
      let verification = try options.state().verify(noted: noted)
      let report = Report(
        intact: verification.isIntact, events: verification.events, head: verification.head?.description,
        notedHead: noted?.description, problem: verification.problem,
        outputsThrownAway: verification.outputsThrownAway)
      if verification.isIntact || options.json { try options.output.result(report) { verification.text } }
      guard let problem = verification.problem else { return }
      let error = DioptraError(
        .historyAltered, "the history was altered: \(problem)",
        remedy: "Compare .dioptra/state.db with a backup to see what else is different")
      guard options.json else { throw error }
      // The report is the one object on standard output, and has the problem.
      Output.complain(error.description)
      throw ExitCode(error.exitCode.rawValue)
    }
  }

  struct Head: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "head",
      abstract: "Prints what to note elsewhere, for `history verify --head`.",
      discussion: "The number of the last event and its digest: a printer, a mail or a ticket is a good place for it.")

    @OptionGroup var options: GlobalOptions

    struct Report: Encodable {
      let head: String
      let event: Int
      let digest: String
    }

    func run() throws {
      let head = try options.state().head()
      try options.output.result(Report(head: head.description, event: head.event, digest: head.digest.hexadecimal)) {
        "\(head)\n"
      }
    }
  }
}
