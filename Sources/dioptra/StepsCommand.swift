import ArgumentParser
import DioptraKitCore

struct StepsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steps",
    abstract: "Lists the steps of initialisation, when each last ran and why it is due; reruns steps.",
    discussion: """
      `dioptra init` runs the steps that are due. --run and --from run the given steps even if they are up to date, \
      and start the services that they need.

      EXAMPLES:
        dioptra steps
        dioptra steps --run minio.setup
        dioptra steps --from postgres.start
        dioptra steps --log frontend.build
      """
  )

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Run these steps.", valueName: "id")) var run: [String] = []
  @Option(help: ArgumentHelp("Run this step and all later ones.", valueName: "id")) var from: String?
  @Option(help: ArgumentHelp("Show the output of this step's last run.", valueName: "id")) var log: String?
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    let chosen = [!run.isEmpty, from != nil, log != nil].filter { $0 }.count
    guard chosen <= 1 else { throw ValidationError("Give one of --run, --from and --log.") }
  }

  func run() async throws {
    if let log { return try show(log) }
    if let from { return try await perform(.from(StepID(from))) }
    if !run.isEmpty { return try await perform(.only(run.map { StepID($0) })) }
    try await list()
  }

  /// A step as `--json` shows it.
  struct Row: Encodable {
    let id: String
    let title: String
    let component: String
    let lastRun: String?
    let seconds: Double?
    let outcome: State.StepOutcome?
    let due: Bool?
    let reason: String?
  }

  private func list() async throws {
    let view = try options.view()
    let records = try view.state?.stepRecords() ?? [:]
    let search = try await view.availability()
    var plan: InitPlan?
    let upgrade = try view.upgradeReason()
    if case .usable(let engine) = search, upgrade == nil {
      plan = try await Initialization(of: view.deployment, in: view.folder, on: engine).plan(state: view.state)
    }
    let reasons = plan.map { plan in Dictionary(uniqueKeysWithValues: plan.entries.map { ($0.step.id, $0.reason) }) }
    let steps = view.deployment.blueprint.steps.filter { $0.skip?.isChosen != true }
    let rows = steps.map { step in
      let record = records[step.id]
      let reason = reasons?[step.id].flatMap { $0 }
      return Row(
        id: step.id.rawValue, title: step.title, component: step.owner.rawValue, lastRun: record?.startedAt,
        seconds: record?.duration, outcome: record?.outcome, due: reasons.map { _ in reason != nil },
        reason: reason?.description)
    }
    try options.output.result(["steps": rows]) {
      upgrade.map { text(rows, because: "\($0); run `dioptra upgrade`.") } ?? text(rows, search)
    }
  }

  private func text(_ rows: [Row], _ search: Availability) -> String {
    switch search {
    case .usable: text(rows, because: nil)
    case .unusable(let error): text(rows, because: error.description)
    case .notInstalled: text(rows, because: "\(Platforms.words.engineIsMissing).")
    }
  }

  private func text(_ rows: [Row], because reason: String?) -> String {
    let table = options.output.table(
      ["STEP", "WHAT IT DOES", "LAST RUN", "TOOK", "DUE"],
      rows.map { row in
        [
          row.id, row.title, lastRun(row),
          row.seconds.map { Duration.seconds($0).text } ?? "", row.reason ?? (row.due == nil ? "?" : "no"),
        ]
      })
    return reason.map { "\(table)\nCannot tell which steps are due: \($0)\n" } ?? table
  }

  private func lastRun(_ row: Row) -> String {
    guard let start = row.lastRun.flatMap({ Timestamp(rfc3339: $0) }) else { return "never" }
    let outcome = row.outcome == .succeeded ? "" : row.outcome == .failed ? ", failed" : ", interrupted"
    return start.text(before: .now) + outcome
  }

  private func show(_ id: String) throws {
    let view = try options.view()
    guard let record = try view.state?.stepRecords()[StepID(id)],
      let text = try view.state?.stepOutput(record.id, run: record.run)
    else {
      throw DioptraError(
        .nameUnknown, "the step \(id.quoted) has not run here", remedy: "See \(dioptra: "steps") for those that have")
    }
    try options.output.result(["step": id, "output": text]) { text + (text.isEmpty ? "" : "\n") }
  }

  private func perform(_ request: StepRequest) async throws {
    try await StepsOperation(request, in: try options.context()).run(try options.deploymentFolder())
  }
}
