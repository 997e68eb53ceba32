public import DioptraSystem

/// One thing that a component contributes: a value of one of the kinds in `Blueprint/`, each with its constructor, such
/// as `.volume(Volume("data", "Data"))`.
public struct Contribution: Sendable {
  package let value: any Contributed

  package init(_ value: any Contributed) {
    self.value = value
  }

  /// Every kind, for decoding.
  private static let kinds: [any Contributed.Type] = [
    BackupData.self, Bucket.self, BuiltFiles.self, CertificatePair.self, ContainerScript.self, DataFormat.self,
    SQLDatabase.self,
    Endpoint.self, EnvironmentFile.self, FolderFile.self, IgnorePattern.self, InitService.self, LiveFacts.self,
    Network.self, ObjectStoreAccount.self, ProxyFiles.self, ProxyLocation.self, ProxyServer.self, ProxyStream.self,
    ReadmeRow.self, ScriptFlag.self, Secret.self, Service.self, Setting.self, Step.self, ToolImage.self,
    TrustStore.self, Volume.self, VolumePreparation.self, WebAddress.self,
  ]
}

/// A kind of value that components contribute.
///
/// A new kind is one file: the type, its conformance, its constructor in `Contribution` and its list in `Blueprint`.
/// Only its name is needed elsewhere, in `Contribution.kinds`.
public protocol Contributed: Codable, Equatable, Sendable {
  /// The kind's name in messages: "volume".
  static var kind: String { get }

  /// The names that the value defines; no other value may define them.
  var names: [Reference] { get }

  /// The things that the value uses, of other components or its own.
  var references: [Reference] { get }

  /// The value with its images under other names, such as those that they have in a mirror.
  func renamingImages(_ newName: (Text) -> Text) -> Self

  /// - Throws: `DioptraError` for an invalid value, regardless of the others.
  func check(owner: ComponentID) throws(DioptraError)
}

extension Contributed {
  /// By default none.
  public var names: [Reference] { [] }
  /// By default none.
  public var references: [Reference] { [] }
  /// By default, the value has no image.
  public func renamingImages(_ newName: (Text) -> Text) -> Self { self }
  /// By default, every value is valid.
  public func check(owner: ComponentID) throws(DioptraError) {}

  /// The value in a message: "volume 'data'".
  var label: String { names.first.map { "\($0.kind) '\($0.name)'" } ?? "a \(Self.kind)" }

  fileprivate func isEqual(to other: any Contributed) -> Bool { other as? Self == self }
}

/// A thing of the blueprint, identified by kind and name: one value defines it and others use it.
public struct Reference: Hashable, Sendable {
  /// What messages call it: "volume". Usually the `kind` of the type that defines it.
  public let kind: String
  /// Its name, which is unique within the kind: `data`.
  public let name: String

  /// A thing that a value defines or uses.
  public init(_ kind: String, _ name: String) {
    self.kind = kind
    self.name = name
  }
}

extension Contribution: Equatable {
  /// Whether both are equal values of the same kind.
  public static func == (left: Self, right: Self) -> Bool { left.value.isEqual(to: right.value) }
}

extension Contribution: Codable {
  private struct Kind: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// - Throws: `DecodingError` for a kind that this program does not know.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Kind.self)
    guard let key = container.allKeys.first, let type = Self.kinds.first(where: { $0.kind == key.stringValue }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no kind that is known"))
    }
    value = try container.decode(type, forKey: key)
  }

  /// Encodes the value under the name of its kind.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Kind.self)
    try container.encode(value, forKey: Kind(stringValue: type(of: value).kind))
  }
}
