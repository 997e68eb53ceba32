internal import DioptraSystem

/// Data of the running deployment that a backup holds beside the folder and State.
public enum BackupData: Codable, Equatable, Sendable {
  /// What a service writes out of itself.
  case dump(ServiceDump)
  /// What a volume holds, as it is.
  case volume(VolumeCopy)

  /// The path in the backup.
  public var member: String {
    switch self {
    case .dump(let dump): "dumps/\(dump.name)"
    case .volume(let copy): "volumes/\(copy.volume).tar"
    }
  }

  /// The volume that the data are in.
  public var volume: VolumeName {
    switch self {
    case .dump(let dump): dump.volume
    case .volume(let copy): copy.volume
    }
  }

  /// What the data are, for people.
  public var summary: String {
    switch self {
    case .dump(let dump): dump.summary
    case .volume(let copy): copy.summary
    }
  }
}

extension BackupData {
  /// What a service writes; nil for a volume.
  package var dump: ServiceDump? {
    if case .dump(let dump) = self { dump } else { nil }
  }

  package var isDump: Bool { dump != nil }
}

/// Data that a service writes out itself, such as a database: the only copy of them that is one moment's.
///
/// The commands run inside the service, as the running deployment has it or as initialisation starts it. They take no
/// secret as an argument, and end with a status other than 0 when they did not do all of their work.
public struct ServiceDump: Codable, Equatable, Sendable {
  /// The file's name in the backup, such as `restapi.dump`.
  public var name: String
  /// What it is, for people: "the database restapi".
  public var summary: String
  /// A service of the running deployment and of initialisation.
  public var service: ServiceName
  /// The volume that the service keeps the data in.
  public var volume: VolumeName
  /// Writes the dump to standard output.
  public var write: [Text]
  /// Reads a dump from standard input to its end and changes nothing.
  public var check: [Text]
  /// Replaces what is there with the dump of standard input. It can be repeated.
  public var restore: [Text]

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
  public var volume: VolumeName
  /// What it holds, for people: "the objects".
  public var summary: String
  /// Whether a copy is good although files came, went or were replaced while it was made. Otherwise a copy during which
  /// something changed is made again.
  public var isReadableWhileItChanges: Bool
  /// Paths in the volume that are not copied.
  public var leftOut: [String]

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
  public static let kind = "part of backups"
  public var names: [Reference] { [Reference("member of a backup", member)] }
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
  /// What a backup holds of the deployment's data.
  public static func backupData(_ value: BackupData) -> Self { Self(value) }
}

extension Blueprint {
  public var backupData: [Owned<BackupData>] { self[BackupData.self] }
}
