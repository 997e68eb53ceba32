/// One thing to do about a problem: a sentence without a full stop, in which a program finds what it could do itself.
///
/// Written as a string whose typed parts are interpolated: `"Run \(dioptra: "init") to finish it"`.
public struct Remedy: Equatable, Sendable {
  public enum Part: Equatable, Sendable {
    case words(String)
    /// A command to run, word by word. What is in capitals is for the user to fill in.
    case command([String])
    /// A file to edit, relative to the deployment's folder or absolute.
    case file(String)
    /// A variable or setting to change; the value, if only one will do.
    case setting(String, value: String?)
    /// A program or package to install.
    case program(String)
  }

  public let parts: [Part]

  public init(_ parts: [Part]) {
    self.parts = parts
  }

  /// A command and nothing else.
  public static func run(_ words: String...) -> Remedy { Remedy([.command(words)]) }

  /// Commands, one after the other.
  package static func run(inOrder commands: [[String]]) -> Remedy {
    Remedy(Array(commands.map { [.command($0)] }.joined(separator: [.words(", then ")])))
  }

  /// The commands, in order.
  public var commands: [[String]] {
    parts.compactMap { if case .command(let words) = $0 { words } else { nil } }
  }

  /// The same with other commands.
  public func mapCommands(_ transform: ([String]) -> [String]) -> Remedy {
    Remedy(parts.map { if case .command(let words) = $0 { .command(transform(words)) } else { $0 } })
  }

  /// The kind of a remedy, for programs.
  public enum Kind: String, Encodable, Sendable {
    case command, edit, set, install, advice
  }

  /// What its first typed part is.
  public var kind: Kind {
    for part in parts {
      switch part {
      case .command: return .command
      case .file: return .edit
      case .setting: return .set
      case .program: return .install
      case .words: continue
      }
    }
    return .advice
  }
}

extension Remedy: ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) {
    self.init([.words(value)])
  }

  public init(stringInterpolation: StringInterpolation) {
    self.init(stringInterpolation.parts)
  }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate private(set) var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) {
      guard !literal.isEmpty else { return }
      if case .words(let before)? = parts.last {
        parts[parts.count - 1] = .words(before + literal)
      } else {
        parts.append(.words(literal))
      }
    }

    public mutating func appendInterpolation<Value>(_ value: Value) { appendLiteral("\(value)") }
    public mutating func appendInterpolation(_ remedy: Remedy) {
      for part in remedy.parts {
        if case .words(let words) = part { appendLiteral(words) } else { parts.append(part) }
      }
    }

    public mutating func appendInterpolation(run words: [String]) { parts.append(.command(words)) }
    public mutating func appendInterpolation(run words: String...) { parts.append(.command(words)) }
    public mutating func appendInterpolation(dioptra words: String...) { parts.append(.command(["dioptra"] + words)) }
    public mutating func appendInterpolation(edit file: String) { parts.append(.file(file)) }
    public mutating func appendInterpolation(set name: String, to value: String? = nil) {
      parts.append(.setting(name, value: value))
    }
    public mutating func appendInterpolation(install program: String) { parts.append(.program(program)) }
  }
}

extension Remedy {
  /// One sentence of two pieces.
  package static func + (left: Remedy, right: Remedy) -> Remedy { "\(left)\(right)" }
}
