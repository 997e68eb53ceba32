public import ArgumentParser
public import DioptraKitCore
import FoundationEssentials

/// How to resolve conflicts.
struct ConflictOptions: ParsableArguments {
  @Option(
    name: .customLong("conflict"),
    help: ArgumentHelp(
      "How to resolve conflicts: stop, ours (the file on disk), theirs (the new file) or markers.",
      valueName: "choice"))
  var choice: ConflictChoice = .stop

  @Option(
    name: .customLong("resolve"), parsing: .singleValue,
    help: ArgumentHelp(
      "Resolve one conflict: PATH=ours, PATH=theirs or PATH=FILE. Repeatable.", valueName: "path=choice"))
  var decisions: [Assignment] = []

  /// Whether a resolution was given.
  var isGiven: Bool { choice != .stop || !decisions.isEmpty }

  /// The resolution for each path.
  func resolutions() throws -> [String: Resolution] {
    var resolutions: [String: Resolution] = [:]
    for decision in decisions {
      switch decision.value {
      case "ours": resolutions[decision.name] = .choice(.ours)
      case "theirs": resolutions[decision.name] = .choice(.theirs)
      default:
        guard let bytes = Caller.inOwnName({ NamedFile.contents(atPath: decision.value) }) else {
          throw DioptraError(
            .pathInvalid, "the file \(decision.value.quoted) for \(decision.name) cannot be read",
            remedy: "Give ours, theirs, or the path of a file with the content that you want")
        }
        resolutions[decision.name] = .content(bytes)
      }
    }
    return resolutions
  }
}

extension ConflictChoice: ExpressibleByArgument {}
