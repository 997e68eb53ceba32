import ArgumentParser
import DioptraKitCore
import Glibc

@main
struct Dioptra: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dioptra",
    abstract: "Creates a Dioptra deployment and looks after it.",
    discussion: """
      A deployment is a folder with Compose files, passwords and configuration, made from dioptra.yaml. Commands find it \
      from the current folder upward, like git, or take it from -C, given after the command.

      EXAMPLES:
        dioptra init                                   Make a deployment in ./dioptra-deployment
        dioptra init lab --set deployment_name=Lab     Make one elsewhere, under another name
        dioptra config set num_pytorch_gpu_workers=2   Change a choice; `dioptra init` applies it
      """,
    version: Version.current,
    subcommands: [InitCommand.self, ConfigCommand.self, ComponentCommand.self, SecretCommand.self, StatusCommand.self]
  )

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as DioptraError {
      Output.complain(error.description)
      Glibc.exit(error.exitCode.rawValue)
    } catch {
      exit(withError: error)
    }
  }
}

enum Version {
  static let current = "0.1.0"
}
