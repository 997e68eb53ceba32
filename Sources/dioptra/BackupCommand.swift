import ArgumentParser
import DioptraKitCore

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Backs up everything to one file: databases, objects, configuration, passwords and State.",
    discussion: """
      Works whether the deployment is running or stopped. PostgreSQL's own programs dump the databases and roles and \
      verify the dumps; everything else is verified by digest after it is written. Only then does the file get its \
      name. It holds every password of the deployment: its permissions let only you read it, and with a passphrase, \
      only someone who knows the passphrase can.

      Without a passphrase the file is a tar archive. Without FILE it is created in the current folder, or next to the \
      deployment's folder if that is the current one.

      EXAMPLES:
        dioptra backup
        dioptra backup /mnt/backups/monday.dioptra-backup --encrypt
        dioptra backup --passphrase-file /root/passphrase --json
        dioptra backup --without-data
      """
  )

  @Argument(help: "The file to create; an existing file is never overwritten.") var file: String?

  @Flag(help: "Leave out databases, objects and other volumes. Needs no \(Platforms.words.engine).")
  var withoutData = false

  @OptionGroup(title: "Encryption") var passphrase: PassphraseOptions

  @OptionGroup var options: GlobalOptions

  /// The backup that was created.
  struct Report: Encodable {
    struct Member: Encodable {
      let name: String
      let kind: BackupMember.Kind
      let bytes: Int
    }

    let path: String
    let bytes: Int
    let digest: String
    let isEncrypted: Bool
    let members: [Member]
    let leftOut: [String]
    /// Whether history records it.
    let isRecorded: Bool

    enum CodingKeys: String, CodingKey {
      case path, bytes, digest, isEncrypted = "encrypted", members, leftOut, isRecorded = "recorded"
    }

    init(_ result: BackupCreation.Result) {
      path = result.path
      bytes = result.bytes
      digest = result.digest.hexadecimal
      isEncrypted = result.isEncrypted
      isRecorded = result.isRecorded
      members = result.members.filter { $0.kind != .folder && $0.kind != .abandoned }.map {
        Member(name: $0.shownName, kind: $0.kind, bytes: $0.bytes)
      }
      leftOut = result.leftOut.map(\.path)
    }
  }

  func run() async throws {
    let output = options.output
    // The lock is taken after the passphrase is typed, so that no other command waits for it.
    _ = try options.deploymentFolder()
    let secret = try passphrase.ofNewFile(options)
    let operation = BackupOperation(
      of: try options.deploymentFolder(), withoutData: withoutData, in: try options.context())
    let result = try await operation.run(passphrase: secret) { deployment, folder, now in
      options.absolute(file ?? defaultPlace(deployment, folder, now))
    }
    for item in result.leftOut { Output.note("Note: \(item.path) is \(item.kind), and not in the backup.") }
    let report = Report(result)
    if output.isJSON { return try output.result(report) { "" } }
    guard !output.isQuiet else { return output.print(report.path) }
    output.say(
      "\(report.path), \(ByteCount.text(report.bytes))\(report.isEncrypted ? ", encrypted" : "; keep it secret: it holds every password")"
    )
  }

  /// Next to the deployment's folder rather than in it.
  private func defaultPlace(_ deployment: Deployment, _ folder: ConfinedFolder, _ now: Timestamp) -> String {
    let moment = now.description.filter { $0.isNumber || $0.isLetter }
    let name = "\(deployment.configuration.slug)-\(moment)\(BackupCreation.ending)"
    let isInside = "\(options.absolute("."))/".hasPrefix("\(folder.path)/")
    return isInside ? "\(folder.path)/../\(name)" : name
  }
}
