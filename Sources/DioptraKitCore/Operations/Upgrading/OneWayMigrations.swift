public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
internal import DioptraSystem

extension Upgrade {
  /// The one-way migrations that are not allowed, either by name or by a backup.
  ///
  /// - Throws: `DioptraError` for an unknown name.
  package func unallowed(_ request: UpgradeRequest, state: State) throws -> [Migration] {
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

  /// - Throws: `Refusal` that names the one-way migrations, unless they are allowed.
  package func requireAllowance(_ request: UpgradeRequest, state: State) throws {
    let migrations = try unallowed(request, state: state)
    guard !migrations.isEmpty else { return }
    let list = migrations.map { "  \($0.id): \($0.summary) \($0.direction.text)" }.joined(separator: "\n")
    let options = migrations.map { "--allow-one-way \($0.id)" }.joined(separator: " ")
    throw Refusal(
      DioptraError(
        .migrationOneWay,
        "the upgrade cannot be undone, and there is no backup of what the deployment is now:\n\(list)\n",
        remedy: "Make one with \(dioptra: "backup"), then run the command again", "Go without: \(options)"))
  }
}

extension Migration.Direction {
  /// For output; empty for a reversible one.
  public var text: String {
    switch self {
    case .reversible: ""
    case .oneWay(let reason): "One way: \(reason)."
    }
  }
}
