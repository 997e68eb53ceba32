import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// What every container-side script does with its command line, shown by two scripts made for that.
struct ContainerScriptTests {
  @Test(arguments: [["--mode", "0600", "a", "b"], ["a", "--mode=0600", "b"], ["a", "b", "-m", "0600"]])
  func aValueFollowsItsOption(arguments: [String]) async throws {
    #expect(try await Specimen.fixed.run(arguments).output == "0600|off|a|b\n")
  }

  @Test(arguments: [["--mode", "--verbose", "a", "b"], ["--mode=--verbose", "a", "b"]])
  func aValueMayLookLikeAnOption(arguments: [String]) async throws {
    #expect(try await Specimen.fixed.run(arguments).output == "--verbose|off|a|b\n")
  }

  @Test func aValueMayBeEmptyAndHoldBlanksAndQuotes() async throws {
    #expect(try await Specimen.fixed.run(["--mode=", "a", "b"]).output == "|off|a|b\n")
    #expect(try await Specimen.fixed.run(["--mode", "x '\"$y ", "a b", "*"]).output == "x '\"$y |off|a b|*\n")
  }

  @Test(arguments: ["--verbose", "-v"])
  func aFlagIsOnOnlyWhereItIsGiven(flag: String) async throws {
    #expect(try await Specimen.fixed.run(["a", "b"]).output == "0644|off|a|b\n")
    #expect(try await Specimen.fixed.run([flag, "a", "b"]).output == "0644|on|a|b\n")
  }

  @Test func aFlagHasAnOppositeAndTheLastOneCounts() async throws {
    #expect(try await Specimen.fixed.run(["--verbose", "--no-verbose", "a", "b"]).output == "0644|off|a|b\n")
    #expect(try await Specimen.fixed.run(["--no-verbose", "--verbose", "a", "b"]).output == "0644|on|a|b\n")
  }

  @Test(arguments: ["-h", "--help"], [Specimen.fixed, .open])
  func helpGoesToStandardOutputAndNothingElseHappens(option: String, specimen: Specimen) async throws {
    let outcome = try await specimen.run(["--verbose", option, "--mode"])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("Shows what it was given.\n\nUsage: specimen.sh [OPTION]... <"))
    #expect(outcome.output.contains("\n  -m, --mode VALUE  "))
    #expect(outcome.output.contains("(default: 0644)"))
    #expect(outcome.errors == "")
  }

  @Test(arguments: [["a", "b", "--mode"], ["a", "b", "-m"], [], ["a"], ["a", "b", "c"], ["a", "b", "--unknown"]])
  func aWrongCommandLineIsRefusedWithFixedArity(arguments: [String]) async throws {
    let outcome = try await Specimen.fixed.run(arguments)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("specimen: "))
  }

  @Test(arguments: [["a", "b", "--mode"], [], ["a"]])
  func aWrongCommandLineIsRefusedWithOpenArity(arguments: [String]) async throws {
    let outcome = try await Specimen.open.run(arguments)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("specimen: "))
  }

  @Test func anUnknownOptionIsAPathWithOpenArity() async throws {
    #expect(try await Specimen.open.run(["a", "--unknown", "c d"]).output == "0644|off|a|--unknown|c d\n")
  }

  @Test func everyScriptHasTheOptionsOfTheReference() throws {
    let folder = try RenderedFolder()
    let known = try String(contentsOfFile: Rig.file("options/scripts.txt"), encoding: .utf8)
    let scripts = try folder.scratch.files(below: "scripts").keys.filter { $0.hasSuffix(".m4") }.sorted()
    let found = try scripts.map { script in
      try Declarations(template: folder.scratch.read("scripts/\(script)")).text(of: String(script.dropLast(3)))
    }
    #expect(found == known.trimmingCharacters(in: .newlines).components(separatedBy: "\n\n"))
  }

  @Test func theProcessedScriptsHaveTheDefaultsThatTheTemplatesDeclare() throws {
    let folder = try RenderedFolder()
    for template in try folder.scratch.files().keys.filter({ $0.hasSuffix(".m4") }) {
      let declared = Declarations(template: try folder.scratch.read(template)).defaults.map { name, value in
        "_arg_\(name.replacing("-", with: "_"))=\(value == "off" ? value : "\"\(value)\"")"
      }
      let head = try folder.scratch.read(template.dropLast(3) + ".sh").components(separatedBy: "print_help() {")[0]
      let set = head.split(separator: "\n").filter { $0.hasPrefix("_arg_") && !$0.hasSuffix("=()") }.map(String.init)
      #expect(Set(set) == Set(declared), "\(template)")
    }
  }
}

/// A script that prints what it was given.
enum Specimen: CaseIterable {
  case fixed
  case open

  func run(_ arguments: [String]) async throws -> Tool.Outcome {
    let scratch = try Scratch()
    let deployment = try Deployment(
      registry: ComponentRegistry([Exhibition(script: script)]), file: ConfigurationFile(text: ""),
      identity: RenderedFolder.identity)
    let file = try #require(deployment.tree["scripts/specimen.sh"])
    try scratch.write(String(decoding: file.bytes(secrets: SecretValues([:])), as: UTF8.self), to: "specimen.sh")
    return try await Tool.run("/bin/bash", [scratch.file("specimen.sh")] + arguments)
  }

  private var script: ContainerScript {
    let options: [ContainerScript.Option] = [
      .value("mode", help: "Mode of the copy", default: "0644", short: "m"),
      .flag("verbose", help: "Say what is done", short: "v"),
    ]
    return switch self {
    case .fixed:
      ContainerScript(
        "specimen", "Shows what it was given.",
        options: options + [.positional("source", help: "First"), .positional("target", help: "Second")],
        body: .text(
          "set -euo pipefail\nprintf '%s|%s|%s|%s\\n' \"$_arg_mode\" \"$_arg_verbose\" \"$_arg_source\" \"$_arg_target\"\n"
        ))
    case .open:
      ContainerScript(
        "specimen", "Shows what it was given.",
        options: options + [.positionals("path", help: "Any", minimum: 2)],
        body: .text("set -euo pipefail\nIFS='|'\necho \"$_arg_mode|$_arg_verbose|${_arg_path[*]}\"\n"))
    }
  }
}

private struct Exhibition: Component {
  let id: ComponentID = "exhibition"
  let summary = "A script to look at"
  let script: ContainerScript

  func contributions(in context: Context) -> [Contribution] { [.script(script)] }
}

/// What an argbash template declares, read from its macros.
private struct Declarations {
  var positionals: [String] = []
  var rows: [String] = []
  var defaults: [String: String] = [:]

  init(template: String) {
    for line in template.components(separatedBy: "\n") where line.hasPrefix("# ARG_") && line.hasSuffix("])") {
      let parts = line.dropLast(2).split(separator: "([", maxSplits: 1)
      let words = parts[1].components(separatedBy: "],[")
      let short = words.count > 1 && !words[1].isEmpty ? "-\(words[1])" : ""
      switch parts[0].dropFirst("# ARG_".count) {
      case "OPTIONAL_SINGLE":
        defaults[words[0]] = words[3]
        rows.append(["--\(words[0])", short, words[3]].filter { !$0.isEmpty }.joined(separator: " "))
      case "OPTIONAL_BOOLEAN":
        defaults[words[0]] = "off"
        rows.append(["--\(words[0])", short, "off"].filter { !$0.isEmpty }.joined(separator: " "))
      case "POSITIONAL_SINGLE": positionals.append("<\(words[0])>")
      case "POSITIONAL_INF": positionals.append("<\(words[0])>...\(words[2])")
      case "USE_ENV": rows.append("$\(words[0])")
      default: continue
      }
    }
  }

  func text(of script: String) -> String {
    ([([script] + positionals).joined(separator: " ")] + rows.sorted().map { "  \($0)" }).joined(separator: "\n")
  }
}
