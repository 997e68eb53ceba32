public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
internal import DioptraSystem

/// The steps that have to run, ordered by their requirements, and why.
public struct InitPlan: Sendable {
  /// Why a step runs.
  public enum Reason: Equatable, Sendable, CustomStringConvertible {
    case neverRan
    /// It failed last time, or its process ended before it did.
    case didNotSucceed
    /// These inputs have changed since it last ran.
    case changed([String])
    /// These volumes are missing or different since it last ran.
    case volumes([String])
    case otherEngine
    /// The engine does not have the image.
    case missingImage
    /// A step that runs needs the service that it starts.
    case needed(by: String)
    /// The user requested it.
    case asked
    /// A migration changes its result.
    case migration(MigrationID)
    /// It stops what the other steps start.
    case ending

    /// For people, such as `has not run yet`.
    public var description: String {
      switch self {
      case .neverRan: "has not run yet"
      case .didNotSucceed: "did not succeed last time"
      case .changed(let names): "changed: \(names.joined(separator: ", "))"
      case .volumes(let names): "new or missing: \(names.joined(separator: ", "))"
      case .otherEngine: "a different engine"
      case .missingImage: "the image is missing"
      case .needed(let step): "needed to \(step.prefix(1).lowercased() + step.dropFirst())"
      case .asked: "requested"
      case .migration(let id): "migration \(id)"
      case .ending: "stops what was started"
      }
    }
  }

  /// A step, and whether it runs.
  public struct Entry: Sendable {
    /// The step, and the component that contributes it.
    public let step: Owned<Step>
    /// nil for a step that is not due.
    public let reason: Reason?
    /// The newest run of the step.
    public let record: State.StepRecord?
    let inputs: StepInputs

    /// Whether the step runs.
    public var isDue: Bool { reason != nil }

    /// Whether the step fetches an image.
    public var isFetch: Bool { step.action.isFetch }

    /// Whether the step is due because volumes that it fills are missing.
    public var isOnMissingVolumes: Bool {
      if case .volumes = reason { return true }
      return reason != nil && hasMissingVolumes
    }

    fileprivate let hasMissingVolumes: Bool
  }

  /// Every step except those that are skipped by choice.
  public let entries: [Entry]

  /// The steps to run.
  public var due: [Entry] { entries.filter(\.isDue) }

  /// Whether steps to run touch volumes.
  var touchesVolumes: Bool { due.contains(where: \.touchesVolumes) }

  /// The steps that fetch some images, and the rest.
  func parted(fetching images: Set<String>) -> (first: InitPlan, rest: InitPlan) {
    let isFirst: (Entry) -> Bool = { entry in entry.inputs.image.map(images.contains) == true }
    return (InitPlan(entries: entries.filter(isFirst)), InitPlan(entries: entries.filter { !isFirst($0) }))
  }

  private init(entries: [Entry]) {
    self.entries = entries
  }

  /// What a plan needs to know from the engine.
  struct Facts: Sendable {
    let engine: String
    let missingImages: [String]
    /// The instance of each volume that exists.
    let volumes: [String: String]
    /// The steps requested by migrations.
    var demands: [StepID: Demand] = [:]
  }

  /// A migration's request for a step.
  struct Demand: Sendable {
    let migration: MigrationID
    /// The run that applied the migration; later than all others if it is only planned.
    let run: Int
  }

  /// - Parameters:
  /// - asked: Steps that run even if nothing has changed.
  /// - onlyAsked: Whether other steps run only if these need them.
  init(
    _ steps: [Owned<Step>], inputs: [StepID: StepInputs], ledger: [StepID: State.StepRecord], facts: Facts,
    asked: Set<StepID> = [], onlyAsked: Bool = false
  ) {
    let steps = steps.filter { $0.skip?.isChosen != true || asked.contains($0.id) }
    var reasons: [StepID: Reason] = [:]
    for step in steps {
      if asked.contains(step.id) {
        reasons[step.id] = .asked
      } else if !onlyAsked {
        reasons[step.id] = Self.reason(step.value, inputs[step.id], ledger[step.id], facts)
      }
    }
    let isMissing: (Step) -> Bool = { step in
      inputs[step.id]?.image.map(facts.missingImages.contains) == true
    }
    Self.addNeeded(by: steps, isMissing, to: &reasons)
    entries = steps.compactMap { step in
      inputs[step.id].map { inputs in
        Entry(
          step: step, reason: reasons[step.id], record: ledger[step.id], inputs: inputs,
          hasMissingVolumes: inputs.volumes.contains { facts.volumes[$0] == nil })
      }
    }
  }

  private static func reason(
    _ step: Step, _ inputs: StepInputs?, _ record: State.StepRecord?, _ facts: Facts
  ) -> Reason? {
    switch step.action {
    case .fetch: return inputs?.image.map(facts.missingImages.contains) == true ? .missingImage : nil
    case .stop: return nil
    case .run, .start, .execute: break
    }
    guard let record, let inputs else { return .neverRan }
    guard record.outcome == .succeeded else { return .didNotSucceed }
    guard record.engine == facts.engine else { return .otherEngine }
    let volumes = inputs.volumes.filter { facts.volumes[$0] == nil || facts.volumes[$0] != record.volumes[$0] }
    guard volumes.isEmpty else { return .volumes(volumes.sorted()) }
    let names = Set(inputs.values.keys).union(record.inputs.keys)
    let changed = names.filter { inputs.values[$0] != record.inputs[$0] }
    guard changed.isEmpty else { return .changed(changed.sorted()) }
    return facts.demands[step.id].flatMap { record.run < $0.run ? .migration($0.migration) : nil }
  }

  /// A step that runs needs the services started by earlier steps, and the images of all; what was started is stopped.
  private static func addNeeded(
    by steps: [Owned<Step>], _ isMissing: (Step) -> Bool, to reasons: inout [StepID: Reason]
  ) {
    let byID = Dictionary(uniqueKeysWithValues: steps.map { ($0.id, $0.value) })
    for step in steps.reversed() where reasons[step.id] != nil {
      for required in ancestors(of: step.value, byID) where reasons[required.id] == nil {
        if case .start = required.action { reasons[required.id] = .needed(by: step.title) }
        if isMissing(required) { reasons[required.id] = .missingImage }
      }
    }
    let starts = steps.contains { step in
      if case .start = step.action { reasons[step.id] != nil } else { false }
    }
    for step in steps where step.action == .stop && starts { reasons[step.id] = .ending }
  }

  private static func ancestors(of step: Step, _ steps: [StepID: Step]) -> [Step] {
    var found: [StepID: Step] = [:]
    var open = step.requires
    while let id = open.popLast() {
      guard found[id] == nil, let step = steps[id] else { continue }
      found[id] = step
      open += step.requires
    }
    return found.values.sorted { $0.id < $1.id }
  }
}
