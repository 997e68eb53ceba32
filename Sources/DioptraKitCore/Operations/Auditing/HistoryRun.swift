internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A run as history tells it.
public struct HistoryRun: Equatable, Sendable {
  public enum Outcome: String, Codable, Sendable {
    case succeeded
    case failed
    /// Conflicts or a guard stopped it; nothing was done.
    case stopped
    /// Its process ended before it did.
    case interrupted

    init(_ outcome: State.RunOutcome) {
      self =
        switch outcome {
        case .succeeded: .succeeded
        case .failed: .failed
        case .stopped: .stopped
        }
    }

    init(_ outcome: State.StepOutcome) {
      self =
        switch outcome {
        case .succeeded: .succeeded
        case .failed: .failed
        }
    }
  }

  public let id: Int
  /// As it was typed, without secrets.
  public let command: String
  /// Of the program.
  public let version: String
  public let user: String
  public let host: String
  /// RFC 3339, UTC, as all times.
  public let startedAt: String
  public let finishedAt: String?
  /// nil while the run goes on.
  public let outcome: Outcome?
  /// The generation that the run brought the folder to, or was to bring it to.
  public let generation: Int?
  /// How many files the run changed, created or removed.
  public let filesChanged: Int
  /// The file that the run changed, if it was one.
  let onlyPath: String?
  /// How many steps the run began.
  public let steps: Int

  /// What the run changed, in few words.
  public var changes: String {
    var parts: [String] = []
    if let onlyPath {
      parts.append(onlyPath.onOneLine)
    } else if filesChanged > 0 {
      parts.append("\(filesChanged) files")
    }
    if steps > 0 { parts.append(steps == 1 ? "1 step" : "\(steps) steps") }
    return parts.joined(separator: ", ")
  }
}

extension HistoryRun: Encodable {
  private enum Key: String, CodingKey {
    case id, command, version, user, host, startedAt, finishedAt, outcome, generation, filesChanged, steps
  }

  /// Every key is there, with null where nothing is known.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(id, forKey: .id)
    try container.encode(command, forKey: .command)
    try container.encode(version, forKey: .version)
    try container.encode(user, forKey: .user)
    try container.encode(host, forKey: .host)
    try container.encode(startedAt, forKey: .startedAt)
    try container.encode(finishedAt, forKey: .finishedAt)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(generation, forKey: .generation)
    try container.encode(filesChanged, forKey: .filesChanged)
    try container.encode(steps, forKey: .steps)
  }
}
