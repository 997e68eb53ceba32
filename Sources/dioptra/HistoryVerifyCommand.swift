import ArgumentParser
import DioptraKitCore

extension HistoryCommand {
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Recomputes the chain of events and compares everything recorded with it.",
      discussion: """
        Every event holds the digest of the one before it and of the rows that it records. If a row was changed, added \
        or removed, the first break is reported and the exit code is 1.

        This detects careless changes. Anyone who can write .dioptra/state.db can also recompute the chain or cut off \
        its end. To detect that, keep a head elsewhere: --head finds any change up to that event, but says nothing \
        about later ones.
        """)

    @Option(
      help: ArgumentHelp("A line printed earlier by `dioptra history head` and kept elsewhere.", valueName: "head"))
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
      abstract: "Prints the head of the chain, to keep elsewhere for `history verify --head`.",
      discussion: "The number and digest of the last event. Keep it on paper, in a mail or in a ticket.")

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
