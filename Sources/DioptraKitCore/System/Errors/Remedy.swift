/// One thing to do about a problem: a sentence without a full stop, in which a program finds what it could do itself.
///
/// Written as a string whose typed parts are interpolated: `"Run \(dioptra: "init") to finish it"`.
public struct Remedy: Equatable, Sendable {
  /// A piece of the sentence: words, or something that a program can act on.
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

  /// The pieces of the sentence, in order.
  public let parts: [Part]

  /// - Parameter parts: In order. They are joined without blanks.
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
  /// A sentence of words only.
  public init(stringLiteral value: String) {
    self.init([.words(value)])
  }

  /// A sentence whose typed parts are interpolated.
  public init(stringInterpolation: StringInterpolation) {
    self.init(stringInterpolation.parts)
  }

  /// Collects the parts of an interpolated sentence.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate private(set) var parts: [Part] = []

    /// Neither number is used.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Adds words.
    public mutating func appendLiteral(_ literal: String) {
      guard !literal.isEmpty else { return }
      if case .words(let before)? = parts.last {
        parts[parts.count - 1] = .words(before + literal)
      } else {
        parts.append(.words(literal))
      }
    }

    /// Adds any value as words.
    public mutating func appendInterpolation<Value>(_ value: Value) { appendLiteral("\(value)") }
    /// Adds another remedy, with its typed parts.
    public mutating func appendInterpolation(_ remedy: Remedy) {
      for part in remedy.parts {
        if case .words(let words) = part { appendLiteral(words) } else { parts.append(part) }
      }
    }

    /// Adds a command, word by word.
    public mutating func appendInterpolation(run words: [String]) { parts.append(.command(words)) }
    /// Adds a command, word by word.
    public mutating func appendInterpolation(run words: String...) { parts.append(.command(words)) }
    /// Adds a command of `dioptra`, without the program's name.
    public mutating func appendInterpolation(dioptra words: String...) { parts.append(.command(["dioptra"] + words)) }
    /// Adds a file to edit, relative to the deployment's folder or absolute.
    public mutating func appendInterpolation(edit file: String) { parts.append(.file(file)) }
    /// Adds a variable or setting to change; the value, if only one will do.
    public mutating func appendInterpolation(set name: String, to value: String? = nil) {
      parts.append(.setting(name, value: value))
    }
    /// Adds a program or package to install.
    public mutating func appendInterpolation(install program: String) { parts.append(.program(program)) }
  }
}

extension Remedy {
  /// One sentence of two pieces.
  package static func + (left: Remedy, right: Remedy) -> Remedy { "\(left)\(right)" }
}
