import ArgumentParser
import DioptraKitCore

struct ImagesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Lists the deployment's images, and takes them to a machine without a network.",
    discussion: """
      EXAMPLES:
        dioptra images list --digests
        dioptra images save /mnt/usb/lab.images
        dioptra images load /mnt/usb/lab.images
      """,
    subcommands: [List.self, ImagesSaveCommand.self, ImagesLoadCommand.self, ImagesVerifyCommand.self],
    defaultSubcommand: List.self
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Lists the images, what uses them, and whether the engine has them.",
      discussion: """
        Read-only. Without an engine it lists what the deployment needs. Images that only initialisation uses are marked.

        EXAMPLES:
          dioptra images list
          dioptra images list --digests
          dioptra images list --json -C /srv/dioptra
        """
    )

    @Flag(
      help: "Show the digest under which a registry has each image, or its id on the engine if it came from a file.")
    var digests = false
    @OptionGroup var options: GlobalOptions

    func run() async throws {
      let report = try await ImageList(of: options.deploymentFolder(), in: options.context())
      if let error = report.withoutEngine { Output.note("Note: \(error.problem); what is there is not known.") }
      try options.output.result(report) {
        options.output.table(
          ["IMAGE", "SIZE"] + (digests ? ["DIGEST"] : []) + ["USED BY"],
          report.images.map { image in
            [image.name, image.size] + (digests ? [image.digest] : []) + [image.users]
          })
      }
    }
  }
}

extension ImageList.Image {
  /// What the engine has of it.
  fileprivate var size: String {
    guard let isPresent else { return "?" }
    return isPresent ? bytes.map(ByteCount.text) ?? "there" : "missing"
  }

  fileprivate var digest: String {
    let name = digests?.first
    return name.flatMap { $0.split(separator: "@").last.map(String.init) } ?? id ?? ""
  }

  fileprivate var users: String {
    services.isEmpty ? "initialisation: \(initServices.joined(separator: ", "))" : services.joined(separator: ", ")
  }
}
