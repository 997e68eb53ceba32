/// What went wrong: a code for programs, one sentence that names the thing, and what to do about it.
public struct DioptraError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a program that ends with this error exits with.
  public enum ExitCode: Int32, Sendable {
    case failure = 1
    case differences = 2
    case conflicts = 3
    case usage = 64
    case locked = 75
    case interrupted = 130
  }

  /// The kind of problem, for programs.
  public let code: Code
  /// Names the thing; no full stop.
  public let problem: String
  /// What to do: one of these is enough.
  public let remedies: [Remedy]

  /// Nothing quoted in the message can control a terminal or deceive the reader.
  public init(_ code: Code, _ problem: String, remedies: [Remedy]) {
    self.code = code
    self.problem = problem.visible()
    self.remedies = remedies
  }

  /// - Parameter remedy: What to do: one of these is enough.
  public init(_ code: Code, _ problem: String, remedy: Remedy...) {
    self.init(code, problem, remedies: remedy)
  }

  /// What a program that ends with this error exits with.
  public var exitCode: ExitCode { code.exitCode }

  /// Whether the command stopped before it changed anything. Its run is then recorded as stopped, not failed.
  public var isRefusal: Bool { exitCode == .conflicts }

  /// The remedies in words; no full stop.
  public var remedy: String { Remedy(joining: remedies).text }

  /// The commands that the remedies name.
  public var commands: [[String]] { remedies.flatMap(\.commands) }

  /// A problem that ends with a list needs no full stop.
  public var description: String {
    let end = problem.hasSuffix("\n") ? "" : ". "
    return remedies.isEmpty ? "\(problem)\(end.prefix(1))" : "\(problem)\(end)\(remedy)."
  }

  /// The same error, said of something else.
  package func saying(_ problem: String) -> DioptraError { DioptraError(code, problem, remedies: remedies) }

  /// The same error with other ways out.
  package func with(remedies: [Remedy]) -> DioptraError { DioptraError(code, problem, remedies: remedies) }
}

extension DioptraError: Encodable {
  private enum CodingKeys: CodingKey {
    case code, problem, remedies, exitCode
  }

  /// `code`, `problem`, `remedies`, and `exitCode` as a number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(problem, forKey: .problem)
    try container.encode(remedies, forKey: .remedies)
    try container.encode(exitCode.rawValue, forKey: .exitCode)
  }
}
