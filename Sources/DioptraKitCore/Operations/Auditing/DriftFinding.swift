public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
public import DioptraSystem

/// A difference between the disk and what was recorded.
public struct DriftFinding: Encodable, Equatable, Sendable {
  /// Most important first.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// A file and State disagree about a secret.
    case secret
    case missing
    /// A link, folder or special file in place of a file, or something else in place of a folder.
    case type
    case edited
    /// Other permissions.
    case mode
    /// A different owner than the folder's.
    case owner
    /// An untracked file in one of the deployment's folders.
    case extra
    /// `.env` does not set what a service asks for, or cannot be read.
    case setting
    /// `dioptra.yaml` has changes that were not rendered yet.
    case stale
    /// The engine runs something else.
    case engine
  }

  /// Relative to the deployment's folder. Control characters and bytes that are not text are escaped as in a shell's
  /// `$'…'`.
  public let path: String
  /// The same, byte for byte; see `String(exactly:)`.
  let place: String
  /// What differs.
  public let kind: Kind
  /// The component that the path belongs to; empty for a service that no component contributes.
  public let component: ComponentID
  /// What puts it right.
  let resolution: Resolution
  /// The same for output.
  public var remedy: Remedy
  /// The exact difference, as text; never a secret.
  public let detail: String?
  /// The secrets about which a file and State disagree; nil for other kinds.
  public let secrets: [SecretName]?
  /// The unified diff, without secrets; nil unless requested.
  public var diff: String?

  /// What puts a difference right.
  public enum Resolution: Equatable, Sendable {
    /// `dioptra init` renders the file, or completes what was interrupted.
    case initialize
    /// Restores the recorded file.
    case repair
    /// The file is recorded as it is.
    case accept
    /// The user chooses between the two versions of a conflict, or takes dioptra's.
    case choose
    /// Something else.
    case other(Remedy)

    fileprivate func remedy(at path: String) -> Remedy {
      switch self {
      case .initialize: .run("dioptra", "init")
      case .repair: .run("dioptra", "drift", "--repair", path)
      case .accept: .run("dioptra", "drift", "--accept", path)
      case .choose: Remedy([.command(FolderMarkers.command(takingOwn: path))])
      case .other(let remedy): remedy
      }
    }
  }

  /// - Parameter path: Byte for byte.
  package init(
    path: String, kind: Kind, component: ComponentID, resolution: Resolution, detail: String? = nil,
    secrets: [SecretName]? = nil, diff: String? = nil
  ) {
    self.path = path.shownPath
    place = path
    self.kind = kind
    self.component = component
    self.resolution = resolution
    remedy = resolution.remedy(at: path)
    self.detail = detail
    self.secrets = secrets
    self.diff = diff
  }

  enum CodingKeys: CodingKey {
    case path, kind, component, remedy, commands, detail, secrets, diff
  }

  /// `path`, `kind`, `component` and `remedy`, and what is there of `commands`, `detail`, `secrets` and `diff`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(kind, forKey: .kind)
    try container.encode(component, forKey: .component)
    try container.encode(remedy.commandLine, forKey: .remedy)
    if !remedy.commands.isEmpty { try container.encode(remedy.commands, forKey: .commands) }
    try container.encodeIfPresent(detail, forKey: .detail)
    try container.encodeIfPresent(secrets, forKey: .secrets)
    try container.encodeIfPresent(diff, forKey: .diff)
  }

  /// Whether only line endings differ.
  public var isOfLineEnds: Bool { kind == .edited && detail == Drift.lineEnds }

  /// Whether it concerns exactly this path.
  func isAt(_ path: String) -> Bool { place.utf8.elementsEqual(path.utf8) }

  /// Sorts by path, then by kind.
  static func isBefore(_ left: Self, _ right: Self) -> Bool {
    if left.isAt(right.place) { return left.kind.rank < right.kind.rank }
    return left.place.utf8.lexicographicallyPrecedes(right.place.utf8)
  }
}

extension DriftFinding.Kind {
  /// The position among all kinds.
  public var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
