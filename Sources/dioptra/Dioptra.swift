import ArgumentParser
import DioptraKitCore
import Glibc

@main
struct Dioptra: AsyncParsableCommand {
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
    subcommands: [
      InitCommand.self,
      UpgradeCommand.self,
      RollbackCommand.self,
      RenameCommand.self,
      AdoptCommand.self,
      BackupCommand.self,
      RestoreCommand.self,
      StepsCommand.self,
      StartCommand.self,
      StopCommand.self,
      RestartCommand.self,
      PsCommand.self,
      LogsCommand.self,
      StatusCommand.self,
      DriftCommand.self,
      HistoryCommand.self,
      ExplainCommand.self,
      DoctorCommand.self,
      ConfigCommand.self,
      ComponentCommand.self,
      SecretCommand.self,
    ]
  )

  static func main() async {
    // A reader that goes away changes nothing of what a command does. Programs that we start have it as it was.
    signal(SIGPIPE, SIG_IGN)
    Surroundings.openStandardDescriptors()
    do {
      var command = try parseAsRoot(CommandLine.exactArguments)
      try Surroundings.check()
      if let command = command as? DriftCommand, command.onlyLooksAtFiles {
        try command.look()
      } else if var command = command as? any AsyncParsableCommand {
        try await Interruption.cancelling { try await command.run() }
      } else {
        try command.run()
      }
    } catch {
      Failure.end(by: error)
    }
  }
}

enum Version {
  static let current = "0.1.0"
}
