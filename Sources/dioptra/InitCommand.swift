import ArgumentParser
import DioptraKitCore

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Creates a deployment, or applies dioptra.yaml to an existing one, and initialises it.",
    discussion: """
      Without DIR, uses the deployment that contains the current folder; outside a deployment, creates a folder named \
      after the new one. On a terminal it asks for each choice that was not given. In an existing deployment it \
      updates the files that follow from dioptra.yaml and keeps or merges your edits; on a conflict, nothing changes \
      until you resolve it.

      Then it initialises the deployment on \(Platforms.words.engine): it runs the steps that have not run yet, that \
      failed, or whose inputs changed. Without \(Platforms.words.engine) on this host it skips them; see `dioptra \
      steps`.

      EXAMPLES:
        dioptra init
        dioptra init /srv/dioptra --set deployment_name="AI lab" --set num_pytorch_gpu_workers=2
        dioptra init --values answers.yaml --no-input
        dioptra init --dry-run
        dioptra init --render-only
        dioptra init --resolve README.md=theirs
      """
  )

  @Argument(help: "The deployment's folder; created if it does not exist.") var directory: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Set a variable. Repeatable.", valueName: "name=value"))
  var assignments: [Assignment] = []

  @Option(
    help: ArgumentHelp(
      "Take values from a YAML or JSON file, such as the reference template's context.", valueName: "file"))
  var values: String?

  @Flag(help: "Write the folder without running any step.")
  var renderOnly = false

  @Flag(help: "The deployment was moved to this folder.")
  var moved = false

  @Option(
    help: ArgumentHelp(
      "Turn this copy of another deployment into a new one, with this project_slug and new passwords.",
      valueName: "slug"))
  var asNew: String?

  @Flag(
    help: "Show what would be done, without writing anything. Exit code 2 if there is something to do, 3 on conflicts.")
  var dryRun = false

  @OptionGroup(title: "Options of the reference's init-deployment.sh, saved in dioptra.yaml")
  var legacy: ReferenceOptions

  @OptionGroup(title: "Conflicts between your edits and new versions")
  var conflict: ConflictOptions

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if moved, asNew != nil { throw ValidationError("Give one of --moved and --as-new.") }
  }

  var identity: CopiedFolder { asNew != nil ? .new : moved ? .moved : .undecided }

  func run() async throws {
    let context = try options.context()
    let choices = try Choices(self, of: context.registry)
    let request = InitOperation.Request(
      choices.target, choices.file, identity: identity, choice: conflict.choice,
      resolutions: try conflict.resolutions(), rendersOnly: renderOnly)
    let operation = InitOperation(request, in: context)
    guard dryRun else { return try await initialize(operation) }
    let report = InitReport(try await operation.preview(), isDryRun: true)
    try report.show(options.output)
    if !report.conflicts.isEmpty { throw ExitCode(DioptraError.ExitCode.conflicts.rawValue) }
    if report.isSomethingToDo { throw ExitCode(DioptraError.ExitCode.differences.rawValue) }
  }
}

extension InitCommand {
  private func initialize(_ operation: InitOperation) async throws {
    let output = options.output
    var report: InitReport?
    let ran = try await operation.run { found in
      report = InitReport(found)
      // With --json, the report is printed after all steps have run.
      guard found.steps != nil, output.isJSON else { return try InitReport(found).show(output) }
    }
    guard !renderOnly else { return }
    guard let ran else {
      let words = Platforms.words
      return output.say("\n\(words.engineIsMissing). Run `dioptra init` again on a host with \(words.engine).")
    }
    if output.isJSON {
      try report?.initialized().show(output)
    } else if !ran.due.isEmpty {
      output.say("\nInitialised. Start the deployment with `dioptra start`.")
    }
  }
}

/// The options of the reference's script, for those who are used to them.
struct ReferenceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Same as --set branch=REF.", valueName: "ref"))
  var branch: String?

  @Flag(help: "Same as --set enable_nginx_ssl=true.")
  var enableNginxSsl = false

  @Flag(help: "Same as --set enable_postgres_ssl=true.")
  var enablePostgresSsl = false

  @Flag(help: "Same as --set skip_minio_setup=true.")
  var skipMinioSetup = false

  @Option(help: ArgumentHelp("Same as --set worker_ssl_service=KIND.", valueName: "kind"))
  var workerSslService: String?

  var assignments: [(name: String, value: String)] {
    [
      branch.map { ("branch", $0) },
      enableNginxSsl ? ("enable_nginx_ssl", "true") : nil,
      enablePostgresSsl ? ("enable_postgres_ssl", "true") : nil,
      skipMinioSetup ? ("skip_minio_setup", "true") : nil,
      workerSslService.map { ("worker_ssl_service", $0) },
    ].compactMap { $0 }
  }
}
