extension DioptraError {
  /// The kinds of errors that a script may want to tell apart. A code never changes its meaning; README.md lists them.
  public enum Code: String, CaseIterable, Codable, Sendable {
    // MARK: What was typed

    /// The command line is wrong.
    case usage
    /// The input ended, or the user stopped the command.
    case interrupted
    /// An answer or an argument has a value that is not accepted.
    case valueInvalid = "value-invalid"
    /// A path cannot be used for what it was given for.
    case pathInvalid = "path-invalid"
    /// There is nothing of that name or number: a variable, component, service, secret, step, run, generation.
    case nameUnknown = "name-unknown"
    /// The deployment has no such file or line.
    case fileUnknown = "file-unknown"

    // MARK: Configuration

    /// `dioptra.yaml` or a values file is missing or cannot be read.
    case configurationInvalid = "configuration-invalid"
    /// Choices in `dioptra.yaml` exclude each other.
    case configurationContradictory = "configuration-contradictory"
    /// `.env` or another environment file has a line that programs read in different ways, or lacks one.
    case environmentInvalid = "environment-invalid"
    /// A component is required by another one, or requires one that is off.
    case componentRequired = "component-required"
    /// A component contributes something that contradicts another or cannot be: a fault of its author.
    case componentInvalid = "component-invalid"

    // MARK: The folder

    /// There is no deployment in the folder or above it.
    case deploymentNotFound = "deployment-not-found"
    /// The folder is not empty, or has a deployment already.
    case folderOccupied = "folder-occupied"
    /// The folder is a copy of another deployment.
    case deploymentCopied = "deployment-copied"
    /// An earlier command was interrupted and has to be completed first.
    case commandUnfinished = "command-unfinished"
    /// The folder, or something in it, belongs to another user who is not trusted.
    case folderUntrusted = "folder-untrusted"
    /// A link, a folder or a special file stands in the place of a file, or a file is not UTF-8 text.
    case fileUnsuitable = "file-unsuitable"
    /// Another `dioptra` or another program is at work in the folder.
    case locked
    /// Something changed while dioptra was at work; run the command again.
    case changedMeanwhile = "changed-meanwhile"
    /// The operating system refuses: permissions, the disk, a limit, a file system without locks.
    case systemFailed = "system-failed"
    /// There is not enough free space.
    case spaceInsufficient = "space-insufficient"

    // MARK: Conflicts and drift

    /// Edits contradict what is to be written, and a decision is needed; nothing was changed.
    case conflict
    /// A file that Compose reads has conflict markers.
    case conflictMarkers = "conflict-markers"
    /// A difference cannot be recorded as wanted.
    case acceptanceRefused = "acceptance-refused"

    // MARK: State and history

    /// The deployment was never initialised, or has steps that are due first.
    case notInitialized = "not-initialized"
    /// The State is damaged.
    case stateDamaged = "state-damaged"
    /// The State can be read, but lacks something that it had.
    case stateIncomplete = "state-incomplete"
    /// The folder has secrets, but no State that knows them.
    case stateMissing = "state-missing"
    /// The history was altered.
    case historyAltered = "history-altered"
    /// The deployment, its State or a backup was written by another version of dioptra, most often a newer one.
    case versionUnsupported = "version-unsupported"

    // MARK: Upgrades

    /// The deployment has to be upgraded first.
    case upgradeRequired = "upgrade-required"
    /// Data cannot go back to an older release.
    case downgradeRefused = "downgrade-refused"
    /// A migration cannot be undone, and there is no backup.
    case migrationOneWay = "migration-one-way"
    /// A rollback is blocked by changes that restoring files cannot undo.
    case rollbackBlocked = "rollback-blocked"
    /// The prefix of all names has changed, and the data are in volumes of the old one.
    case prefixChanged = "prefix-changed"

    // MARK: Secrets

    /// A secret is missing, cannot be used, or differs from place to place.
    case secretInvalid = "secret-invalid"

    // MARK: The engine

    /// The container engine is not installed.
    case engineMissing = "engine-missing"
    /// The engine does not answer.
    case engineUnreachable = "engine-unreachable"
    /// The user is not allowed to use the engine.
    case engineForbidden = "engine-forbidden"
    /// The engine, or its Compose, is not one that a deployment can run on.
    case engineUnsupported = "engine-unsupported"
    /// The engine could not do what it was asked for.
    case engineFailed = "engine-failed"
    /// Compose cannot read the deployment's files.
    case projectInvalid = "project-invalid"
    /// A volume, container or project of that name belongs to something else.
    case ownerOther = "owner-other"
    /// A container runs on the deployment's volumes.
    case volumeInUse = "volume-in-use"
    /// A volume is missing, or exists where none may.
    case volumeUnsuitable = "volume-unsuitable"
    /// The data in a volume were made with another version or another password.
    case dataIncompatible = "data-incompatible"
    /// A check of what the deployment needs has failed.
    case checkFailed = "check-failed"
    /// A step of the initialisation failed.
    case stepFailed = "step-failed"
    /// A service is not healthy, or does not run where it has to.
    case serviceUnavailable = "service-unavailable"
    /// A program could not be run, or failed.
    case programFailed = "program-failed"

    // MARK: Backups

    /// The file is not a backup, is damaged, or does not fit what was asked for.
    case backupInvalid = "backup-invalid"
    /// A passphrase is missing or wrong.
    case passphraseInvalid = "passphrase-invalid"
    /// The file is not one of saved images, is damaged, or does not fit what was asked for.
    case imagesInvalid = "images-invalid"
    /// Files would be overwritten.
    case overwriteRefused = "overwrite-refused"

    // MARK: Ourselves

    /// A fault of dioptra's own.
    case internalFault = "internal-fault"

    /// What a program that ends with an error of this kind exits with.
    public var exitCode: ExitCode {
      switch self {
      case .usage: .usage
      case .interrupted: .interrupted
      case .locked: .locked
      case .conflict, .conflictMarkers: .conflicts
      default: .failure
      }
    }
  }
}
