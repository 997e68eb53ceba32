public import DioptraSystem

/// Names a migration: `store.policy`.
public typealias MigrationID = Identifier<Migration>

/// What a deployment made by an earlier version needs besides new files: one step of one concern.
///
/// A migration belongs to the version that introduced the change. A deployment created at that version or later never
/// runs it, even if it enables components afterwards.
public struct Migration: Sendable {
  /// What introduced the change.
  public enum Version: Equatable, Sendable {
    /// A release of Dioptra.
    case release(String)
    /// A version of what the components render; 0 is the reference template.
    case template(Int)
    /// A version of what the migration's own component renders; see `Component.version`.
    case component(Int)
  }

  /// What a migration does. All changes are planned before anything is written.
  public enum Change: Equatable, Sendable {
    /// Renames a variable of `dioptra.yaml`.
    case renameVariable(VariableName, to: VariableName)
    /// Keeps the old default of a variable whose default changes, unless the user chose a value.
    case keepValue(of: VariableName, String)
    /// Writes a variable's current value to `dioptra.yaml` if it was derived from others.
    case pinValue(of: VariableName)
    /// Replaces the beginning of a value that the user chose.
    case replacePrefix(of: VariableName, from: String, with: String)
    /// Renames a secret and keeps its value.
    case renameSecret(SecretName, to: SecretName)
    /// Moves a file, with the user's edits. Both paths are relative to the folder.
    case moveFile(String, to: String)
    /// Runs a step of initialisation, even if its inputs did not change, to apply the change to the running system.
    case runStep(StepID)
    /// What the user must know or do, in a sentence.
    case note(String)
  }

  /// Whether the migration can be undone.
  public enum Direction: Equatable, Sendable {
    /// It can be undone.
    case reversible
    /// `because` completes "One way: …".
    case oneWay(because: String)
  }

  /// The name, which begins with that of the component: `grafana.admin`.
  public let id: MigrationID
  /// What happens, in one sentence.
  public let summary: String
  /// What introduced the change.
  public let version: Version
  /// Whether the migration can be undone. If not, `upgrade` wants a backup or the user's consent.
  public let direction: Direction
  /// What the migration does; may be empty if there is only something to tell.
  public let changes: [Change]
  /// Throws for a deployment that the migration must not be applied to; nothing has been changed yet.
  public let check: @Sendable (MigrationContext) throws -> Void

  /// Can be undone and checks nothing, unless it is said otherwise. `summary` is a sentence with a full stop.
  public init(
    _ id: MigrationID, _ summary: String, version: Version, direction: Direction = .reversible,
    changes: [Change] = [], check: @escaping @Sendable (MigrationContext) throws -> Void = { _ in }
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
  /// What the user must know or do.
  public var notes: [String] { changes.compactMap { if case .note(let text) = $0 { text } else { nil } } }
}

extension Migration.Version {
  /// For output: `release 1.1.0`.
  public var text: String {
    switch self {
    case .release(let release): "release \(release)"
    case .template(let version): "files of version \(version)"
    case .component(let version): "version \(version) of its component"
    }
  }
}

/// What a migration may inspect before it is applied.
public struct MigrationContext: Sendable {
  /// The values before the upgrade.
  public let before: Configuration
  /// The values after it.
  public let after: Configuration
  /// The deployment folder.
  public let folder: ConfinedFolder

  /// What a check sees: the values before and after, and the folder.
  public init(before: Configuration, after: Configuration, folder: ConfinedFolder) {
    self.before = before
    self.after = after
    self.folder = folder
  }

  /// The paths of the files with passwords before the upgrade.
  public func secretFiles() throws -> [String] {
    let identity = Identity(deployment: Identity.unnamed, folder: folder.path)
    return try Blueprint(in: Context(configuration: before, identity: identity)).secretFiles
  }
}
