import ArgumentParser
import DioptraKitCore

struct ImagesVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verifies that the right images are there, and that the services run them.",
    discussion: """
      Read-only. Compares the image of each running service with the engine's image of that name, which another tag, pull \
      or load may have changed since the service was created. With FILE it also compares each image with the saved one. \
      With --key it verifies each image's signature with cosign, which must be installed and asks the images' registries.

      Exit code 0: no differences. 2: there are differences, or an image is not signed with the key. 1: failed.

      EXAMPLES:
        dioptra images verify
        dioptra images verify /mnt/usb/lab.images
        dioptra images verify --key upstream.pub --json
      """
  )

  @Argument(help: "A file that `dioptra images save` made.") var file: String?

  @Option(help: ArgumentHelp("Verify signatures with this public key.", valueName: "file"))
  var key: String?

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let report = try await ImageVerification(
      of: options.deploymentFolder(), against: file.map(options.absolute), signedBy: key.map(options.absolute),
      in: options.context())
    try options.output.result(report) { text(report) }
    if !report.isClean { throw ExitCode(DioptraError.ExitCode.differences.rawValue) }
  }

  private func text(_ report: ImageVerification) -> String {
    let output = options.output
    var lines: [String] = []
    func add(_ isGood: Bool, _ text: String) {
      if !isGood || output.isVerbose { lines.append("  \(isGood ? output.green("✓") : output.red("✗")) \(text)") }
    }
    for image in report.images {
      add(image.match == .same, "\(image.name) \(image.state)")
      if let signature = image.signature {
        let cause = signature.cause.map { "is not verified: \($0)" }
        add(signature.isVerified, "the signature of \(image.name) \(cause ?? "is verified")")
      }
    }
    for service in report.services { add(service.match == .same, "\(service.service) \(service.state)") }
    lines.append(summary(report))
    if key == nil {
      lines.append("Signatures were not verified; that needs cosign, and the publisher's key with --key.")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func summary(_ report: ImageVerification) -> String {
    let images = report.images.count { $0.match == .same }
    let services = report.services.count { $0.match == .same }
    let running =
      report.services.isEmpty
      ? "no service is running" : "\(services) of \(report.services.count) running services run them"
    let place = file == nil ? "there" : "the saved ones"
    return "\(images) of \(report.images.count) images are \(place); \(running)."
  }
}

extension ImageVerification.Image {
  fileprivate var state: String {
    switch match {
    case .missing: "is missing"
    case .same: savedID == nil ? "is there" : "is the saved one"
    case .different: savedID.map { "is \(id ?? ""), and was saved as \($0)" } ?? "is not in the file"
    }
  }
}

extension ImageVerification.Service {
  fileprivate var state: String {
    switch match {
    case .missing: "has no container any more"
    case .same: "runs \(image)"
    case .different: "runs \(id ?? ""), which is not \(image); `dioptra restart \(service)` recreates it"
    }
  }
}
