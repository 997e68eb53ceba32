import ArgumentParser
import DioptraKitCore

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Puts everything into one file: databases, objects, configuration, passwords and State.",
    discussion: """
      Works while the deployment runs, and while it is stopped. The databases and their roles are dumped by PostgreSQL's \
      own programs, which also read the dumps back; everything else is compared with its digests once the file is \
      written. Only then does the file get its name. It holds every password of the deployment: only you may read it, and \
      with a passphrase nobody can who does not know that.

      Without a passphrase the file is a tar archive. Without FILE it is made in the current folder, or beside the \
      deployment's folder if that is the current one.

      EXAMPLES:
        dioptra backup
        dioptra backup /mnt/backups/monday.dioptra-backup --encrypt
        dioptra backup --passphrase-file /root/passphrase --json
        dioptra backup --without-data
      """
  )

  @Argument(help: "The file to make; nothing is overwritten.") var file: String?

  @Flag(help: "Leave out databases, objects and other volumes. Needs no Docker.")
  var withoutData = false

  @OptionGroup(title: "Encryption") var passphrase: PassphraseOptions

  @OptionGroup var options: GlobalOptions

  /// What was made.
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

  /// Beside the deployment's folder rather than in it.
  private func defaultPlace(_ deployment: Deployment, _ folder: ConfinedFolder, _ now: Timestamp) -> String {
    let moment = now.description.filter { $0.isNumber || $0.isLetter }
    let name = "\(deployment.configuration.slug)-\(moment)\(BackupCreation.ending)"
    let isInside = "\(options.absolute("."))/".hasPrefix("\(folder.path)/")
    return isInside ? "\(folder.path)/../\(name)" : name
  }
}
