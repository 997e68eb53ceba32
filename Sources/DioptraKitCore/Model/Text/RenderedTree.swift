public import DioptraSystem

/// The files of the folder as the components say they should be, before any of them is written.
public struct RenderedTree: Codable, Equatable, Sendable {
  /// In the order of their paths.
  public let files: [RenderedFile]

  public init(files: [RenderedFile]) {
    self.files = files
  }

  public subscript(path: String) -> RenderedFile? {
    files.first { $0.path == path }
  }
}

/// A file as text whose origins are known. Its bytes exist only together with the secrets.
public struct RenderedFile: Codable, Equatable, Sendable {
  public let path: String
  public let permissions: FolderFile.Permissions
  public let component: ComponentID
  public let text: Text

  package init(path: String, permissions: FolderFile.Permissions, component: ComponentID, text: Text) {
    self.path = path
    self.permissions = permissions
    self.component = component
    self.text = text
  }

  /// The file's bytes.
  public func bytes(secrets: SecretValues) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for segment in text.segments {
      if let characters = segment.characters {
        bytes += characters.exactBytes
      } else if let (reference, encoding) = segment.secret {
        bytes += encoding.form(of: try secrets.value(of: reference)).exactBytes
      }
    }
    return bytes
  }

  /// The secrets that the file shows.
  public var secrets: [SecretReference] { text.secrets }

  /// The file's characters with each secret as `‹name›`.
  public var masked: String { text.masked }

  /// Who contributed a segment of the file.
  package func component(of segment: Text.Segment) -> ComponentID { segment.component ?? component }
}

/// A secret at one of its versions.
public struct SecretReference: Codable, Hashable, Sendable {
  public static let firstVersion = 1

  public let name: SecretName
  public let version: Int

  public init(name: SecretName, version: Int) {
    self.name = name
    self.version = version
  }
}

/// The values of secrets, in memory only.
public struct SecretValues: Sendable {
  package let values: [SecretReference: String]

  public init(_ values: [SecretReference: String]) {
    self.values = values
  }

  /// The values together with stand-ins for secrets that are yet to be generated.
  public func completed(for secrets: [Secret]) -> SecretValues {
    var values = values
    for secret in secrets where !values.keys.contains(where: { $0.name == secret.name }) {
      values[SecretReference(name: secret.name, version: SecretReference.firstVersion)] = "‹\(secret.name)›"
    }
    return SecretValues(values)
  }

  /// The secrets, longer values before those that may be a part of them. Texts that are kept like secrets are none: as
  /// one value they could not be merged line by line.
  package var longestFirst: [(reference: SecretReference, value: String)] {
    values.map { ($0.key, $0.value) }
      .filter { $0.1.utf8.count >= 12 && !$0.0.name.rawValue.hasPrefix(SecretName.keptTextPrefix) }
      .sorted { ($0.1.utf8.count, $0.0.name, $0.0.version) > ($1.1.utf8.count, $1.0.name, $1.0.version) }
  }

  /// The secret that has a value.
  package func name(of value: String) -> SecretName? {
    values.first { $0.value == value }?.key.name
  }

  /// - Throws: `DioptraError` when State has no such value.
  public func value(of reference: SecretReference) throws(DioptraError) -> String {
    guard let value = values[reference] else {
      throw DioptraError(
        .stateIncomplete, "the deployment's state has no version \(reference.version) of the secret \(reference.name)",
        remedy: "Restore .dioptra/state.db from a backup")
    }
    return value
  }
}

extension SecretName {
  /// Texts of the user's in files with secrets are kept like secrets, under names that begin so.
  package static let keptTextPrefix = "text of "
}
