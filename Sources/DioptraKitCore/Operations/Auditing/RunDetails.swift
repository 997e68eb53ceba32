public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Everything in the history about one run: the changes to its files, and its steps with their output.
public struct RunDetails: Encodable, Equatable, Sendable {
  /// A step that the run started.
  public struct Step: Encodable, Equatable, Sendable {
    /// The step's id in the blueprint.
    public let id: String
    /// What the step does, for people.
    public let title: String
    /// The id of the component that contributed the step.
    public let component: String
    /// RFC 3339, UTC.
    public let startedAt: String
    /// nil for a step without an end.
    public let finishedAt: String?
    /// In seconds; nil for a step without an end.
    public let duration: Double?
    /// nil for a step without an end, while the run is in progress; after that, such a step counts as interrupted.
    public let outcome: HistoryRun.Outcome?
    /// The step's output, without secrets; nil if it was pruned, or nothing was recorded yet.
    public let output: String?
  }

  /// The run itself, with its number and outcome.
  public let run: HistoryRun
  /// When the files of the run's generation were in place; nil if they never were, or there is no generation.
  public let appliedAt: String?
  /// Compared with the previous generation; nil if the run has none.
  public let changes: GenerationDifference?
  /// Files that were rewritten although their expected content did not change, because the disk differed.
  public let putBack: [String]
  /// In the order in which they started.
  public let steps: [Step]
  /// The migrations that the run applied, in order.
  public var migrations: [String] = []
  /// The components that have another version since the run; nil where none has.
  public var components: [ComponentChange]?
}

extension History {
  /// - Throws: `DioptraError` if there is no such run.
  public func details(of id: Int) throws -> RunDetails {
    let run = try run(id)
    return try state.snapshot {
      let secrets = try state.secretValues()
      let steps = try steps(of: run, hiding: secrets)
      guard let generation = run.generation else {
        return RunDetails(run: run, appliedAt: nil, changes: nil, putBack: [], steps: steps)
      }
      let changes = try changes(of: generation, hiding: secrets)
      let told = Set((changes?.files ?? []).map(\.path))
      let written = try state.changes(of: generation).map(\.path)
      return RunDetails(
        run: run, appliedAt: try state.appliedAt(generation), changes: changes,
        putBack: written.map(\.shownPath).filter { !told.contains($0) },
        steps: steps, migrations: try state.migrations(of: generation).map(\.rawValue),
        components: run.components)
    }
  }

  /// The expected files since the generation, compared with those before.
  private func changes(of id: Int, hiding secrets: SecretValues) throws -> GenerationDifference? {
    guard let generation = try state.generation(id) else { return nil }
    return GenerationDifference(
      from: try state.generation(before: id), to: generation, hiding: secrets, at: { _ in true })
  }

  private func steps(of run: HistoryRun, hiding secrets: SecretValues) throws -> [RunDetails.Step] {
    let mask = SecretMask(secrets)
    return try state.steps(of: run.id).map { step in
      RunDetails.Step(
        id: step.id.rawValue, title: step.title, component: step.component.rawValue, startedAt: step.startedAt,
        finishedAt: step.finishedAt, duration: step.duration,
        outcome: step.outcome.map { HistoryRun.Outcome($0) } ?? (run.outcome == nil ? nil : .interrupted),
        output: step.output.map { mask.masked($0) })
    }
  }
}
