internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Checks that the members of a backup can be written to a folder, whoever created it: none leads out of the folder or
/// conflicts with another.
struct MemberCheck {
  private let members: [BackupMember]

  init(_ members: [BackupMember]) {
    self.members = members
  }

  /// - Throws: `DioptraError` that names an invalid member.
  func run() throws(DioptraError) {
    // Names are bytes, as on disk.
    var names: Set<[UInt8]> = []
    var files: Set<[UInt8]> = []
    for member in members where member.kind != .abandoned {
      guard isInPlace(member) else { throw none(member) }
      let name = member.name.exactBytes
      guard names.insert(name).inserted else {
        throw BackupSeal.damaged("it has the member \(member.name.shown) twice")
      }
      if member.kind != .folder { files.insert(name) }
    }
    for member in members where member.kind != .abandoned {
      let name = member.name.exactBytes
      let isBelowFile = name.indices.contains { name[$0] == Self.slash && files.contains(Array(name[..<$0])) }
      guard !isBelowFile else { throw none(member) }
    }
  }

  private static let slash = UInt8(ascii: "/")
  private static let staged = Array(".dioptra-new".utf8.reversed())

  private func isInPlace(_ member: BackupMember) -> Bool {
    let name = member.name.exactBytes
    let parts = name.split(separator: Self.slash, omittingEmptySubsequences: false).map(Array.init)
    let isPath = !parts.contains { [[], [0x2E], [0x2E, 0x2E]].contains($0) || $0.contains(0) || $0.count > 255 }
    // Two spellings of one name would be one file.
    guard isPath, !member.parts.isEmpty, String(exactly: name).utf8.elementsEqual(member.name.utf8) else {
      return false
    }
    func begins(with folder: String) -> Bool { parts.count > 1 && parts[0] == Array(folder.utf8) }
    return switch member.kind {
    case .state: member.name == BackupMember.stateName
    // Not a temporary sibling of a file.
    case .file where parts[parts.count - 1].starts(with: [0x2E]) && name.reversed().starts(with: Self.staged): false
    case .folder, .file: begins(with: "folder") && parts[1] != Array(State.folder.utf8)
    case .dump: begins(with: "dumps") && parts.count == 2
    case .volume: begins(with: "volumes") && parts.count == 2
    case .abandoned: true
    }
  }

  private func none(_ member: BackupMember) -> DioptraError {
    BackupSeal.damaged("it has a member \(member.name.shown), which is none of a deployment")
  }
}

extension String {
  /// A name from a backup, for output.
  fileprivate var shown: String { visible(onOneLine: true).quoted }
}
