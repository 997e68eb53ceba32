internal import DioptraSystem

/// Data of the running deployment in a backup, besides the folder and State.
public enum BackupData: Codable, Equatable, Sendable {
  /// A dump that a service writes.
  case dump(ServiceDump)
  /// The files of a volume.
  case volume(VolumeCopy)

  /// The path in the backup.
  package var member: String {
    switch self {
    case .dump(let dump): "dumps/\(dump.name)"
    case .volume(let copy): "volumes/\(copy.volume).tar"
    }
  }

  /// The volume that contains the data.
  public var volume: VolumeName {
    switch self {
    case .dump(let dump): dump.volume
    case .volume(let copy): copy.volume
    }
  }

  /// What the data are.
  public var summary: String {
    switch self {
    case .dump(let dump): dump.summary
    case .volume(let copy): copy.summary
    }
  }
}

extension BackupData {
  /// The service's dump; nil for a volume.
  package var dump: ServiceDump? {
    if case .dump(let dump) = self { dump } else { nil }
  }

  package var isDump: Bool { dump != nil }
}

/// Data that a service dumps itself, such as a database, which gives a consistent copy.
///
/// The commands run inside the service, either of the running deployment or started by initialisation. They take no
/// secret as an argument, and fail with a status other than 0 unless they did all of their work.
public struct ServiceDump: Codable, Equatable, Sendable {
  /// The file's name in the backup, such as `restapi.dump`.
  public var name: String
  /// What it is: "the database restapi".
  public var summary: String
  /// A service of the running deployment and of initialisation.
  public var service: ServiceName
  /// The volume in which the service keeps the data.
  public var volume: VolumeName
  /// Writes the dump to standard output.
  public var write: [Text]
  /// Reads a dump from standard input to its end, without changing anything.
  public var check: [Text]
  /// Replaces the data with the dump from standard input. Can be repeated.
  public var restore: [Text]

  /// A dump of a service's data. `summary` completes "… cannot be dumped".
  public init(
    _ name: String, _ summary: String, of service: ServiceName, in volume: VolumeName, write: [Text], check: [Text],
    restore: [Text]
  ) {
    self.name = name
    self.summary = summary
    self.service = service
    self.volume = volume
    self.write = write
    self.check = check
    self.restore = restore
  }
}

/// A volume whose files are copied.
public struct VolumeCopy: Codable, Equatable, Sendable {
  /// The volume with the files.
  public var volume: VolumeName
  /// What it contains: "the objects".
  public var summary: String
  /// Whether a copy is valid even if files were added, removed or replaced while it was made. Otherwise, the copy is
  /// repeated if something changed.
  public var isReadableWhileItChanges: Bool
  /// Paths in the volume to leave out.
  public var leftOut: [String]

  /// The files of a volume; paths to leave out are relative to it.
  public init(
    _ volume: VolumeName, _ summary: String, isReadableWhileItChanges: Bool = false, leavingOut leftOut: [String] = []
  ) {
    self.volume = volume
    self.summary = summary
    self.isReadableWhileItChanges = isReadableWhileItChanges
    self.leftOut = leftOut
  }
}

extension BackupData: Contributed {
  /// What messages call such a value.
  public static let kind = "part of backups"
  /// Its path in the backup, which no other part may have.
  public var names: [Reference] { [Reference("member of a backup", member)] }
  /// The volume and, for a dump, the service and what its commands name.
  public var references: [Reference] {
    switch self {
    case .dump(let dump):
      [.service(dump.service), .initService(dump.service), .volume(dump.volume)]
        + (dump.write + dump.check + dump.restore).references
    case .volume(let copy): [.volume(copy.volume)]
    }
  }
}

extension Contribution {
  /// The deployment's data in a backup.
  public static func backupData(_ value: BackupData) -> Self { Self(value) }
}

extension Blueprint {
  /// Every part of a backup besides the folder and State, in the order of the components.
  public var backupData: [Owned<BackupData>] { self[BackupData.self] }
}
