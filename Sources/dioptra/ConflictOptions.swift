public import ArgumentParser
public import DioptraKitCore
import FoundationEssentials

/// How commands that reconcile are told about conflicts.
struct ConflictOptions: ParsableArguments {
  @Option(
    name: .customLong("conflict"),
    help: ArgumentHelp(
      "What happens with conflicts: stop, ours (what is on disk), theirs (what is wanted) or markers.",
      valueName: "choice"))
  var choice: ConflictChoice = .stop

  @Option(
    name: .customLong("resolve"), parsing: .singleValue,
    help: ArgumentHelp("Decide one conflict: PATH=ours, PATH=theirs or PATH=FILE.", valueName: "path=choice"))
  var decisions: [Assignment] = []

  /// Whether anything was decided.
  var isGiven: Bool { choice != .stop || !decisions.isEmpty }

  /// The decision about each path.
  func resolutions() throws -> [String: Resolution] {
    var resolutions: [String: Resolution] = [:]
    for decision in decisions {
      switch decision.value {
      case "ours": resolutions[decision.name] = .choice(.ours)
      case "theirs": resolutions[decision.name] = .choice(.theirs)
      default:
        guard let data = Caller.inOwnName({ FileManager.default.contents(atPath: decision.value) }) else {
          throw DioptraError(
            .pathInvalid, "the file \(decision.value.quoted) for \(decision.name) cannot be read",
            remedy: "Give ours, theirs, or the path of a file with the content that you want")
        }
        resolutions[decision.name] = .content(Array(data))
      }
    }
    return resolutions
  }
}

extension ConflictChoice: ExpressibleByArgument {}
