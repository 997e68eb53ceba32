internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// The origin of a backup, in its first entry: enough to refuse it before the rest is read.
public struct BackupOrigin: Codable, Equatable, Sendable {
  /// The first entry's name.
  static let entry = "dioptra-backup.json"
  /// The format that this program writes, and the newest that it reads.
  static let format = 1

  /// The version of the backup's format.
  public let format: Int
  /// The backup's id, which is random.
  public let id: String
  /// The deployment's id.
  public let deployment: String
  /// The deployment's slug, the prefix of its volumes.
  public let slug: String
  /// The folder that it was in.
  public let folder: String
  /// The newest generation in place; nil if there is none.
  public let generation: Int?
  /// The release of Dioptra.
  public let release: String
  /// The version of what the components render.
  public let templateVersion: Int
  /// The version of State's tables.
  public let stateVersion: Int
  /// The version of `dioptra` that created it.
  public let version: String
  /// RFC 3339, UTC.
  public let createdAt: String
  /// Whether it contains the data of the services.
  public let hasData: Bool
}

/// The contents of a backup, in its last entry: without it, a backup is incomplete.
struct BackupManifest: Codable, Equatable, Sendable {
  /// The last entry's name.
  static let entry = "manifest.json"

  let members: [BackupMember]
}

/// A member of a backup.
public struct BackupMember: Codable, Equatable, Sendable {
  /// What a member holds.
  public enum Kind: String, Codable, Sendable {
    case state
    /// A folder of the deployment's folder.
    case folder
    /// A file of the deployment's folder.
    case file
    /// A service's dump.
    case dump
    /// A tar archive of a volume.
    case volume
    /// An attempt that was repeated.
    case abandoned
  }

  /// An entry of the archive.
  public struct Part: Codable, Equatable, Sendable {
    /// The entry's name in the archive.
    public let name: String
    /// The entry's size in bytes.
    public let bytes: Int
    /// SHA-256.
    public let digest: String
  }

  /// The path in the backup, such as `folder/dioptra.yaml`, in the form of `String(exactly:)`.
  public let name: String
  /// What the member holds.
  public let kind: Kind
  /// Permission bits.
  public let mode: UInt32
  /// One part, or several to be concatenated.
  public let parts: [Part]

  /// The path, escaped if it is not text.
  public var shownName: String { name.visible(onOneLine: true) }

  /// The size of its content in bytes.
  public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// The prefix of the deployment's folder in a backup.
  static let folderPrefix = "folder/"
  static let stateName = "state.db"

  /// The path in the deployment's folder; nil for other members.
  var path: String? {
    guard kind == .folder || kind == .file else { return nil }
    return String(Substring(name.utf8.dropFirst(Self.folderPrefix.utf8.count)))
  }
}

enum BackupJSON {
  static func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value)) + [0x0A]
  }

  static func decoded<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw BackupSeal.damaged("what it says of itself cannot be read")
    }
  }
}
