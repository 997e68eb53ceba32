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

/// A file as an ordered list of segments. Its bytes exist only together with the secrets.
public struct RenderedFile: Codable, Equatable, Sendable {
  public let path: String
  public let permissions: FolderFile.Permissions
  public let component: ComponentID
  public let segments: [RenderedSegment]

  package init(path: String, permissions: FolderFile.Permissions, component: ComponentID, segments: [RenderedSegment]) {
    self.path = path
    self.permissions = permissions
    self.component = component
    self.segments = segments
  }

  /// The file's bytes.
  public func bytes(secrets: SecretValues) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for segment in segments {
      switch segment.content {
      case .literal(let text), .variable(_, let text): bytes.append(contentsOf: text.utf8)
      case .secret(let reference, let encoding):
        bytes.append(contentsOf: encoding.form(of: try secrets.value(of: reference)).utf8)
      }
    }
    return bytes
  }

  /// The secrets that the file shows.
  public var secrets: [SecretReference] {
    segments.compactMap { if case .secret(let reference, _) = $0.content { reference } else { nil } }
  }

  /// The file's characters with each secret as `‹name›`.
  public var masked: String {
    segments.map { segment in
      switch segment.content {
      case .literal(let text), .variable(_, let text): text
      case .secret(let reference, _): "‹\(reference.name)›"
      }
    }.joined()
  }
}

/// Characters of a file that have one origin.
public struct RenderedSegment: Codable, Equatable, Sendable {
  public enum Content: Codable, Equatable, Sendable {
    case literal(String)
    case variable(VariableName, value: String)
    case secret(SecretReference, Text.SecretEncoding)
  }

  public var content: Content
  public let component: ComponentID

  package init(content: Content, component: ComponentID) {
    self.content = content
    self.component = component
  }
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
        "the deployment's state has no version \(reference.version) of the secret \(reference.name)",
        remedy: "Restore .dioptra/state.db from a backup"
      )
    }
    return value
  }
}

extension SecretName {
  /// Texts of the user's in files with secrets are kept like secrets, under names that begin so.
  package static let keptTextPrefix = "text of "
}
