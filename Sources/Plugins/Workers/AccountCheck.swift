import DioptraKitCore

/// Whether the password of the workers' account expires soon: passwords of the REST API are valid for a year, and
/// without the account every job fails.
struct AccountCheck: DoctorCheck {
  let title = "workers' account"
  let appearsInStatus = true

  private static let lifetimeDays = 365
  private static let warningDays = 30

  func findings(in context: CheckContext) throws -> [CheckFinding] {
    guard let start = try context.firstSuccess(of: "workers.account", on: "postgres-data") else { return [] }
    let end = Timestamp(seconds: start.seconds + Self.lifetimeDays * 86_400)
    let days = (end.seconds - context.now.seconds) / 86_400
    let remedy: Remedy = "Set a new password for dioptra-worker in the front end, and the same in \(edit: ".env")"
    if days < 0 { return [.error("its password expired on \(end.day)", remedy: remedy)] }
    if days < Self.warningDays { return [.warning("its password expires on \(end.day)", remedy: remedy)] }
    return [.ok("its password is valid until \(end.day)")]
  }
}
