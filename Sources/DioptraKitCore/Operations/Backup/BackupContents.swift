internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// What a backup is of, in its first entry: enough to refuse it before the rest is read.
public struct BackupOrigin: Codable, Equatable, Sendable {
  /// The first entry's name.
  static let entry = "dioptra-backup.json"
  /// The form that this program writes, and the newest that it reads.
  static let format = 1

  public let format: Int
  /// The backup's own name: random.
  public let id: String
  /// The deployment's name for itself.
  public let deployment: String
  /// The deployment's slug, which its volumes are named after.
  public let slug: String
  /// The folder that it was in.
  public let folder: String
  /// The newest generation in place; nil when there is none.
  public let generation: Int?
  /// Dioptra's release.
  public let release: String
  /// The version of what the components render.
  public let templateVersion: Int
  /// The version of State's tables.
  public let stateVersion: Int
  /// The version of `dioptra` that made it.
  public let version: String
  /// RFC 3339, UTC.
  public let createdAt: String
  /// Whether it holds the data of the services.
  public let hasData: Bool
}

/// What a backup holds, in its last entry: a backup without it is not complete.
struct BackupManifest: Codable, Equatable, Sendable {
  /// The last entry's name.
  static let entry = "manifest.json"

  let members: [BackupMember]
}

/// One thing in a backup.
public struct BackupMember: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, Sendable {
    case state
    /// A folder of the deployment's folder.
    case folder
    /// A file of the deployment's folder.
    case file
    /// What a service wrote out of itself.
    case dump
    /// A tar archive of a volume.
    case volume
    /// An attempt that was made again.
    case abandoned
  }

  /// An entry of the archive.
  public struct Part: Codable, Equatable, Sendable {
    public let name: String
    public let bytes: Int
    /// SHA-256.
    public let digest: String
  }

  /// The path in the backup, such as `folder/dioptra.yaml`, as `String(exactly:)` gives its bytes.
  public let name: String
  public let kind: Kind
  /// Permission bits.
  public let mode: UInt32
  /// One, or those that make the whole when they are put one after the other.
  public let parts: [Part]

  /// The path with escapes where it is not text.
  public var shownName: String { name.visible(onOneLine: true) }

  public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// What stands before the paths of the deployment's folder.
  static let folderPrefix = "folder/"
  static let stateName = "state.db"

  /// The path in the deployment's folder; nil for what is none there.
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
