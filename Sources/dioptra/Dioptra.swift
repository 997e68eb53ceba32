import ArgumentParser
import DioptraKitCore
import Glibc

@main
struct Dioptra: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dioptra",
    abstract: "Creates and manages Dioptra deployments.",
    discussion: """
      A deployment is a folder with \(Platforms.words.reader) files, passwords and configuration, generated from \
      dioptra.yaml. Commands look for it in the current folder and above, as git does, or in the folder given with -C \
      after the command.

      EXAMPLES:
        dioptra init                                   Create a deployment in ./dioptra-deployment
        dioptra init lab --set deployment_name=Lab     Create one elsewhere, under another name
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
      ImagesCommand.self,
    ]
  )

  static func main() async {
    // A reader that goes away must not stop the command. Child processes get the default handler.
    signal(SIGPIPE, SIG_IGN)
    ProcessSetup.openStandardDescriptors()
    do {
      var command = try parseAsRoot(CommandLine.exactArguments)
      try ProcessSetup.check()
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
