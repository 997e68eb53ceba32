public import DioptraSystem

/// Names a migration: `store.policy`.
public typealias MigrationID = Identifier<Migration>

/// What a deployment that was made by an earlier version needs, beyond being rendered anew: one step of one concern.
///
/// A migration belongs to the version that brought the change. A deployment that began at that version or a later one
/// never runs it, whichever components it switches on afterwards.
public struct Migration: Sendable {
  /// What brought the change.
  public enum Version: Equatable, Sendable {
    /// A release of Dioptra.
    case release(String)
    /// A version of what the components render; 0 is the reference template's own files.
    case template(Int)
    /// A version of what the migration's own component renders; see `Component.version`.
    case component(Int)
  }

  /// What a migration does. Everything is worked out before anything is written.
  public enum Change: Equatable, Sendable {
    /// A variable of `dioptra.yaml` has another name from now on.
    case renameVariable(VariableName, to: VariableName)
    /// A variable whose default changes keeps the old one where the user chose none.
    case keepValue(of: VariableName, String)
    /// The value that a variable has so far is written into `dioptra.yaml`, where it followed from others.
    case pinValue(of: VariableName)
    /// A value that begins with one text begins with another from now on, where the user chose one.
    case replacePrefix(of: VariableName, from: String, with: String)
    /// A secret has another name from now on, with the value that it has.
    case renameSecret(SecretName, to: SecretName)
    /// A file has another path from now on; the user's edits go with it. Both paths are relative to the folder.
    case moveFile(String, to: String)
    /// A step of initialisation that runs, whether its inputs changed or not: it brings the change to the live system.
    case runStep(StepID)
    /// What a person has to know or do, in a sentence.
    case note(String)
  }

  /// Whether there is a way back.
  public enum Direction: Equatable, Sendable {
    case reversible
    /// `because` completes "It is one way: …".
    case oneWay(because: String)
  }

  public let id: MigrationID
  /// What happens, in a sentence.
  public let summary: String
  public let version: Version
  public let direction: Direction
  public let changes: [Change]
  /// Throws for a deployment that the migration must not be applied to; nothing has been changed then.
  public let check: @Sendable (MigrationScene) throws -> Void

  public init(
    _ id: MigrationID, _ summary: String, version: Version, direction: Direction = .reversible,
    changes: [Change] = [], check: @escaping @Sendable (MigrationScene) throws -> Void = { _ in }
  ) {
    self.id = id
    self.summary = summary
    self.version = version
    self.direction = direction
    self.changes = changes
    self.check = check
  }
}

extension Migration {
  /// What a person has to know or do.
  public var notes: [String] { changes.compactMap { if case .note(let text) = $0 { text } else { nil } } }
}

extension Migration.Version {
  /// For people: `release 1.1.0`.
  public var words: String {
    switch self {
    case .release(let release): "release \(release)"
    case .template(let version): "files of version \(version)"
    case .component(let version): "version \(version) of its component"
    }
  }
}

/// What a migration may look at before it is applied.
public struct MigrationScene: Sendable {
  /// The values before the upgrade.
  public let before: Configuration
  /// The values after it.
  public let after: Configuration
  public let folder: ConfinedFolder

  public init(before: Configuration, after: Configuration, folder: ConfinedFolder) {
    self.before = before
    self.after = after
    self.folder = folder
  }

  /// The paths of the files with passwords, as the configuration has them before the upgrade.
  public func secretFiles() throws -> [String] {
    let identity = Identity(deployment: Identity.unnamed, folder: folder.path)
    return try Blueprint(in: Context(configuration: before, identity: identity)).secretFiles
  }
}
