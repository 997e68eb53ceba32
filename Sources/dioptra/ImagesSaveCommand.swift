import ArgumentParser
import DioptraKitCore

struct ImagesSaveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save",
    abstract: "Saves the images of the deployment, and what it has built, to one file.",
    discussion: """
      The engine must have every image; `dioptra init` fetches what is missing. If the deployment is initialised, its built front end is saved, too. The file is a tar archive with each image \
      as the engine writes it, compressed with zstd or gzip, the digest of each part, and that of the whole. It is read \
      back and verified before it gets its name. Until then it is called FILE.part: if the command is interrupted, run it \
      again, and the images that are in there already are verified and kept.

      EXAMPLES:
        dioptra images save /mnt/usb/lab.images
        dioptra images save /mnt/usb/next.images --release 1.2.2
        dioptra images save lab.images --json -C /srv/dioptra
      """
  )

  @Argument(help: "The file to create; an existing file is never overwritten.") var file: String

  @Option(help: "Save the images of another release of Dioptra, to upgrade a machine without a network.")
  var release: String?

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let output = options.output
    let saving = ImageSaving(of: try options.deploymentFolder(), release: release, in: try options.context())
    let report = try await saving.run(to: options.absolute(file))
    if output.isJSON { return try output.result(report) { "" } }
    guard !output.isQuiet else { return output.print(report.path) }
    output.say(
      "\(report.path), \(report.images.count) images\(report.built.map { ", \($0)" }.joined()), \(ByteCount.text(report.bytes))"
    )
    output.say("SHA-256 \(report.digest)")
  }
}
