import Foundation
import PackagePlugin

/// Compiles every file of a target's `Templates` folder into the target, as a static member of `Templates`.
@main
struct EmbedTemplates: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = target.directoryURL.appending(path: "Templates")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    let output = context.pluginWorkDirectoryURL.appending(path: "Templates.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(files.count) templates of \(target.name)",
        executable: try context.tool(named: "embed-templates").url,
        arguments: [output.path()] + files.map { $0.path() },
        inputFiles: files,
        outputFiles: [output]
      )
    ]
  }
}
