internal import DioptraModel
internal import DioptraPlatform
internal import DioptraSystem

/// Keeps track of the steps that may start.
struct StepGraph {
  private var waiting: [InitPlan.Entry]
  /// The step that stops everything: it runs when no other step needs a service any more, even after a failure.
  private var final: InitPlan.Entry?
  private var running: [StepID: InitPlan.Entry] = [:]
  private var open: Set<StepID>
  /// How many images are fetched at once.
  private let fetches: Int

  init(_ plan: InitPlan, fetching fetches: Int) {
    let others = plan.due.filter { $0.step.action != .stop }
    // What the longest chain of steps waits for comes first; `sorted` keeps the order of equals.
    let lengths = Self.chainLengths(of: others)
    waiting = others.sorted { lengths[$0.step.id, default: 0] > lengths[$1.step.id, default: 0] }
    final = plan.due.first { $0.step.action == .stop }
    open = Set(others.map(\.step.id))
    self.fetches = fetches
  }

  /// The seconds that the longest chain of steps after each step takes, by the steps' deadlines: what they really take
  /// is not known before they have run.
  private static func chainLengths(of entries: [InitPlan.Entry]) -> [StepID: Int] {
    var lengths: [StepID: Int] = [:]
    // Steps come after those that they require.
    for entry in entries.reversed() {
      let length = lengths[entry.step.id, default: 0] + entry.step.deadline
      for id in entry.step.requires { lengths[id] = max(lengths[id, default: 0], length) }
    }
    return lengths
  }

  /// The steps that may start now; they count as running from here on.
  mutating func next() -> [InitPlan.Entry] {
    var ready: [InitPlan.Entry] = []
    var fetching = running.values.count { $0.step.action.isFetch }
    for entry in waiting where open.isDisjoint(with: entry.step.requires) {
      if entry.step.action.isFetch {
        guard fetching < fetches else { continue }
        fetching += 1
      }
      ready.append(entry)
    }
    if ready.allSatisfy(\.step.action.isFetch), let last = takeFinal() { ready.append(last) }
    for entry in ready { running[entry.step.id] = entry }
    waiting.removeAll { running[$0.step.id] != nil }
    return ready
  }

  /// The last step, once only fetching is left, which goes on beside it.
  private mutating func takeFinal() -> InitPlan.Entry? {
    guard let step = final, (waiting + running.values).allSatisfy(\.step.action.isFetch) else { return nil }
    final = nil
    return step
  }

  mutating func end(_ id: StepID, succeeded: Bool) {
    running[id] = nil
    if succeeded { open.remove(id) } else { drop(stepsThatRequire: id) }
  }

  private mutating func drop(stepsThatRequire id: StepID) {
    let lost = waiting.filter { $0.step.requires.contains(id) }.map(\.step.id)
    waiting.removeAll { lost.contains($0.step.id) }
    for id in lost { drop(stepsThatRequire: id) }
  }

  /// No further step starts.
  mutating func abandon() {
    waiting = []
    final = nil
  }
}
