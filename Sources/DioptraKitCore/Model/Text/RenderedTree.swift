public import DioptraSystem

/// The rendered files of the folder, before they are written.
public struct RenderedTree: Codable, Equatable, Sendable {
  /// Sorted by path.
  public let files: [RenderedFile]

  /// - Parameter files: Sorted by path.
  public init(files: [RenderedFile]) {
    self.files = files
  }

  /// The file at a path; nil if there is none.
  public subscript(path: String) -> RenderedFile? {
    files.first { $0.path == path }
  }
}

/// A file as text of known origin. Its bytes exist only together with the secrets.
public struct RenderedFile: Codable, Equatable, Sendable {
  /// Relative to the deployment folder.
  public let path: String
  /// The permissions that the file gets.
  public let permissions: FolderFile.Permissions
  /// The component that contributed the file.
  public let component: ComponentID
  /// The content, without the values of its secrets.
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

  /// The secrets in the file.
  public var secrets: [SecretReference] { text.secrets }

  /// The file's characters with each secret as `‹name›`.
  public var masked: String { text.masked }

  /// The component that contributed a segment of the file.
  package func component(of segment: Text.Segment) -> ComponentID { segment.component ?? component }
}

/// One version of a secret.
public struct SecretReference: Codable, Hashable, Sendable {
  package static let firstVersion = 1

  /// The secret's name.
  public let name: SecretName
  /// From 1.
  public let version: Int

  /// A version of the secret with that name, from 1.
  public init(name: SecretName, version: Int) {
    self.name = name
    self.version = version
  }
}

/// The values of secrets, in memory only.
public struct SecretValues: Sendable {
  package let values: [SecretReference: String]

  /// Values of fewer bytes are not looked for in texts of the user's: they may be ordinary words there.
  package static let recognizable = 12

  /// The values of some versions of some secrets.
  public init(_ values: [SecretReference: String]) {
    self.values = values
  }

  /// The values, plus stand-ins for secrets that are not generated yet.
  public func completed(for secrets: [Secret]) -> SecretValues {
    var values = values
    for secret in secrets where !values.keys.contains(where: { $0.name == secret.name }) {
      values[SecretReference(name: secret.name, version: SecretReference.firstVersion)] = "‹\(secret.name)›"
    }
    return SecretValues(values)
  }

  /// The secrets, longer values first, since others may be part of them. Texts that are stored like secrets are not
  /// included: as one value they could not be merged line by line.
  package var longestFirst: [(reference: SecretReference, value: String)] {
    values.map { ($0.key, $0.value) }
      .filter { $0.1.utf8.count >= Self.recognizable && !$0.0.name.rawValue.hasPrefix(SecretName.keptTextPrefix) }
      .sorted { ($0.1.utf8.count, $0.0.name, $0.0.version) > ($1.1.utf8.count, $1.0.name, $1.0.version) }
  }

  /// The secret with a given value.
  package func name(of value: String) -> SecretName? {
    values.first { $0.value == value }?.key.name
  }

  /// - Throws: `DioptraError` if State has no such value.
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
  /// The prefix of the names under which users' texts in private files are stored like secrets.
  package static let keptTextPrefix = "text of "
}
