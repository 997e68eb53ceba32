public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
public import DioptraState
internal import DioptraSystem

extension Upgrade {
  /// The migrations that have no way back and that nobody has allowed: neither by name nor by making a backup.
  ///
  /// - Throws: `DioptraError` for a name that is none of them.
  public func unallowed(_ request: UpgradeRequest, state: State) throws -> [Migration] {
    let oneWay = migrations.filter { $0.direction != .reversible }
    for id in request.allowed.sorted() where !oneWay.contains(where: { $0.id == id }) {
      throw DioptraError(
        .nameUnknown, "\(id.rawValue.quoted) is not a one-way migration of this upgrade",
        remedy: oneWay.isEmpty
          ? "Leave --allow-one-way out: all of them can be undone" : .oneOf(oneWay.map(\.id.rawValue)))
    }
    if try state.hasCurrentBackup() { return [] }
    return oneWay.filter { !request.allowed.contains($0.id) && begun?.migrations.contains($0.id) != true }
  }

  /// - Throws: `Refusal` that names the migrations that have no way back, unless they are allowed.
  public func requireAllowance(_ request: UpgradeRequest, state: State) throws {
    let migrations = try unallowed(request, state: state)
    guard !migrations.isEmpty else { return }
    let list = migrations.map { "  \($0.id): \($0.summary) \($0.direction.words)" }.joined(separator: "\n")
    let options = migrations.map { "--allow-one-way \($0.id)" }.joined(separator: " ")
    throw Refusal(
      DioptraError(
        .migrationOneWay,
        "the upgrade cannot be undone, and there is no backup of what the deployment is now:\n\(list)\n",
        remedy: "Make one with \(dioptra: "backup"), then run the command again", "Go without: \(options)"))
  }
}

extension Migration.Direction {
  /// For people; empty for what can be undone.
  public var words: String {
    switch self {
    case .reversible: ""
    case .oneWay(let reason): "It is one way: \(reason)."
    }
  }
}
