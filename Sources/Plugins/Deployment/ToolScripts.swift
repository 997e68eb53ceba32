import DioptraKitCore

extension DeploymentComponent {
  /// Small tools that other scripts call inside containers.
  var toolScripts: [Contribution] {
    let owner = ContainerScript.Option.value("chown", help: "Owner and group", default: "39000:100")
    return [
      .script(
        ContainerScript(
          "file-copy", "Copies files, each to its destination, and sets owner and mode.",
          options: [
            .flag("recursive", help: "Copy folders with all they hold", short: "r"),
            .value("chmod", help: "Mode of the copied files", default: "0644"),
            owner,
            .positionals("path", help: "Source and destination, in turn", minimum: 2),
          ],
          body: .template(Templates.fileCopySh), templateExecutable: true)),
      .script(
        ContainerScript(
          "globbed-copy", "Copies the files of a folder whose names match a pattern, and sets owner and mode.",
          options: [
            .positional("source-dir", help: "Folder to copy from"),
            .positional("dest-dir", help: "Folder to copy to"),
            .positional("glob-pattern", help: "Shell pattern of the names, in quotes"),
            .value("chmod", help: "Mode of the copied files", default: "0644"),
            owner,
          ],
          body: .template(Templates.globbedCopySh))),
      .script(
        ContainerScript(
          "set-permissions", "Sets owner and modes of files and folders.",
          options: [
            .flag("recursive", help: "Folders with all they hold", short: "r"),
            .value("dir-chmod", help: "Mode of folders", default: "0755"),
            .value("file-chmod", help: "Mode of files", default: "0644"),
            owner,
            .positionals("path", help: "File or folder", minimum: 1),
          ],
          body: .template(Templates.setPermissionsSh), templateExecutable: true)),
    ]
  }
}
