import ArgumentParser
import DioptraKitCore
import Glibc

/// How a command ends that did not do what it should: in words for people on standard error, with `--json` as one
/// object on standard output too, and with an exit code.
enum Failure {
  static func end(by error: any Error) -> Never {
    switch error {
    case is CancellationError:
      Output.complain("interrupted; what was started is cleaned up, and the same command goes on where it ended")
      end(.interrupted, saying: nil)
    case let error as DioptraError: end(error, saying: error.description)
    case let refusal as Refusal: end(refusal.error, saying: refusal.error.description)
    case is ExitCode: Dioptra.exit(withError: error)
    default:
      // Help and versions are asked for, and no failure.
      let status = Dioptra.exitCode(for: error)
      if status != .success { report(status == .validationFailure ? .usage(error) : .internalFault(error)) }
      Dioptra.exit(withError: error)
    }
  }

  private static func end(_ error: DioptraError, saying words: String?) -> Never {
    if let words { Output.complain(words) }
    report(error)
    Glibc.exit(error.exitCode.rawValue)
  }

  /// Writes the object of a failure, where the command line asks for JSON.
  static func report(_ error: DioptraError) {
    guard wantsJSON else { return }
    Output(isJSON: true, isQuiet: true, isVerbose: false, wantsColor: false).event(["error": error])
  }

  /// Asked of the words, since a command line that cannot be parsed has no options.
  private static var wantsJSON: Bool { CommandLine.exactArguments.prefix { $0 != "--" }.contains("--json") }
}

extension DioptraError {
  static let interrupted = DioptraError(.interrupted, "interrupted", remedy: "Run the same command again to resume")

  /// A command line that the parser refuses.
  fileprivate static func usage(_ error: any Error) -> DioptraError {
    let help = Remedy([.command(["dioptra"] + Dioptra.commandNames + ["--help"])])
    return DioptraError(.usage, words(of: error), remedy: "See \(help)")
  }

  fileprivate static func internalFault(_ error: any Error) -> DioptraError {
    DioptraError(.internalFault, words(of: error), remedy: "Run the same command again")
  }

  private static func words(of error: any Error) -> String {
    let message = Dioptra.message(for: error)
    return message.hasSuffix(".") ? String(message.dropLast()) : message
  }
}

extension Dioptra {
  /// The names of the command that the command line begins with.
  fileprivate static var commandNames: [String] {
    var names: [String] = []
    var commands = configuration.subcommands
    for word in CommandLine.exactArguments {
      guard let command = commands.first(where: { $0.configuration.commandName == word }) else { break }
      names.append(word)
      commands = command.configuration.subcommands
    }
    return names
  }
}
