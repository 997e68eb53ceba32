public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A run in the history.
public struct HistoryRun: Equatable, Sendable {
  /// How a run, or one of its steps, ended.
  public enum Outcome: String, Codable, Sendable {
    case succeeded
    case failed
    /// Stopped by conflicts or a guard; nothing was done.
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

  /// The number of the run, from 1.
  public let id: Int
  /// As typed, without secrets.
  public let command: String
  /// The program's version.
  public let version: String
  /// The user, as the program that ran the command named it; see `State.RunDescription`.
  public let user: String
  /// The host's name, likewise.
  public let host: String
  /// RFC 3339, UTC, like all times.
  public let startedAt: String
  /// nil while the run is in progress, and for a run whose process ended before it did.
  public let finishedAt: String?
  /// nil while the run is in progress.
  public let outcome: Outcome?
  /// The generation that the run created.
  public let generation: Int?
  /// The number of files that the run changed, created or removed.
  public let filesChanged: Int
  /// The file that the run changed, if it was only one.
  let onlyPath: String?
  /// The number of steps that the run started.
  public let steps: Int
  /// The components that have another version since the run; nil where none has.
  public let components: [ComponentChange]?

  /// A summary of what the run changed.
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
    case id, command, version, user, host, startedAt, finishedAt, outcome, generation, filesChanged, steps, components
  }

  /// Every key is present, with null for unknown values.
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
    try container.encode(components, forKey: .components)
  }
}
