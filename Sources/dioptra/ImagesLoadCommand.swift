import ArgumentParser
import DioptraKitCore

struct ImagesLoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Loads the images of a file into the engine.",
    discussion: """
      Reads and verifies the whole file first: if it is damaged, incomplete, or made for another architecture, nothing is \
      changed. Then it loads the images that the engine does not have, and compares each with the one that was saved. If \
      the command is interrupted, run it again: what was loaded is skipped.

      A built front end in the file is kept on the engine, and `dioptra init` with the same choices uses it instead of \
      building one. Works in a deployment's folder and without one: on a new machine, load the images, then run `dioptra init`.

      EXAMPLES:
        dioptra images load /mnt/usb/lab.images
        dioptra images load /mnt/usb/lab.images --json
      """
  )

  @Argument(help: "A file that `dioptra images save` made.") var file: String

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let output = options.output
    let report = try await ImageLoading(from: options.absolute(file), for: try folder(), in: try options.context())
      .run()
    if output.isJSON { return try output.result(report) { "" } }
    let loaded = report.images.filter(\.isLoaded)
    guard !output.isQuiet else { return loaded.forEach { output.print($0.name) } }
    let present = report.images.count - loaded.count
    output.say("\(loaded.count) images loaded\(present > 0 ? ", \(present) were there already" : "")")
  }

  /// The deployment's folder; nil where there is none.
  private func folder() throws -> ConfinedFolder? {
    if options.folder != nil { return try options.deploymentFolder() }
    return DeploymentFolder.find(from: DeploymentFolder.canonical(options.absolute("."))) == nil
      ? nil : try options.deploymentFolder()
  }
}
