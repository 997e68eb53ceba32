package import DioptraModel
public import DioptraSystem

extension State {
  /// The deployment's folder compared with the recorded one.
  public enum Place: Equatable, Sendable {
    case here
    /// It was moved, and there is nothing at the old path.
    case moved(from: String)
    /// The same deployment is also at another path: one of the two folders is a copy.
    case copy(of: String)
  }

  /// The facts of a deployment that may change.
  static let changingFacts = [placeName, formerPlaceName, renamingName]

  private static let placeName = "folder"
  private static let formerPlaceName = "former folder"

  /// Compares the folder with the recorded one.
  public func place(in folder: ConfinedFolder) throws -> Place {
    guard let recorded = try fact(Self.placeName), recorded != folder.canonicalPath,
      !DeploymentFolder.isSame(recorded, folder.path)
    else { return .here }
    guard DeploymentFolder.isFolder(recorded), let other = try State(readingIn: ConfinedFolder(outside: recorded)),
      try other.deployment == deployment
    else { return .moved(from: recorded) }
    return .copy(of: recorded)
  }

  /// Refuses a copied folder, and records the deployment's folder.
  ///
  /// - Throws: `DioptraError` with the two ways to proceed.
  package func settle(in folder: ConfinedFolder, now: Timestamp) throws {
    switch try place(in: folder) {
    case .here:
      if try fact(Self.placeName) == nil { try recordPlace(of: folder, now: now) }
    case .moved: try recordPlace(of: folder, now: now)
    case .copy: if let error = try copyRefusal(in: folder) { throw error }
    }
  }

  /// Why nothing may be started from the folder: it is a copy. nil if it is not.
  package func copyRefusal(in folder: ConfinedFolder) throws -> DioptraError? {
    guard case .copy(let other) = try place(in: folder) else { return nil }
    return DioptraError(
      .deploymentCopied,
      "\(folder.path) is a copy of the deployment in \(other), and both would work on the same volumes",
      remedy: "If it was moved, remove the other folder and run \(dioptra: "init", "--moved") here",
      "To make a new deployment of the copy, with its own volumes and passwords, run "
        + "\(dioptra: "init", "--as-new", "SLUG")")
  }

  /// Records this as the deployment's folder, whatever was recorded before.
  package func recordPlace(of folder: ConfinedFolder, now: Timestamp) throws {
    let path = folder.canonicalPath
    try database.transaction {
      if let former = try fact(Self.placeName), former != path { try setFact(Self.formerPlaceName, former) }
      try setFact(Self.placeName, path)
      let names = try [Self.placeName, Self.formerPlaceName].filter { try fact($0) != nil }
      try record(
        .placeRecorded, ["folder": path], binding: names.map { Binding(.deployment, .text($0)) }, at: now)
    }
  }

  /// The deployment's former folder; nil if it was not moved.
  package var formerFolder: String? {
    get throws { try fact(Self.formerPlaceName) }
  }

  /// Turns a copy into a new deployment with a new id and new secrets.
  ///
  /// - Parameter secrets: The secrets that the deployment declares.
  /// - Throws: `DioptraError` for a folder that is not a copy, since nothing would use its data any more.
  package func renewIdentity(in folder: ConfinedFolder, secrets: [Secret], now: Timestamp) throws {
    if try isRenewed() { return }
    guard case .copy = try place(in: folder) else {
      throw DioptraError(
        .valueInvalid, "\(folder.path) is not a copy of another deployment",
        remedy: "Give it another name with \(dioptra: "rename", "SLUG")")
    }
    try database.transaction {
      try setFact("id", Identity.newName())
      try database.run(
        "DELETE FROM deployment WHERE name IN (?, ?)", [.text(Self.placeName), .text(Self.formerPlaceName)])
      try record(
        .identityRenewed, [:],
        binding: ["id", Self.placeName, Self.formerPlaceName].map { Binding(.deployment, .text($0)) }, at: now)
      for secret in secrets { try addVersion(of: secret.name, value: secret.form.newValue(), now: now) }
      try recordPlace(of: folder, now: now)
    }
  }

  /// Whether the deployment got a new id that its files do not show yet.
  package func isRenewed() throws -> Bool {
    let kinds = [EventKind.identityRenewed, .generationApplied].map { SQLValue.text($0.rawValue) }
    return try database.value("SELECT kind FROM event WHERE kind IN (?, ?) ORDER BY id DESC LIMIT 1", kinds)
      == EventKind.identityRenewed
  }

  func fact(_ name: String) throws -> String? {
    try database.value("SELECT value FROM deployment WHERE name = ?", [.text(name)])
  }

  func setFact(_ name: String, _ value: String) throws {
    try database.run(
      "INSERT INTO deployment (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [.text(name), .text(value)])
  }
}
