internal import DioptraModel
package import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// What a file of images says of itself in its first entry: enough to refuse it before the rest is read.
///
/// The file is a tar archive. For each member it has the parts of what the engine wrote, images compressed, and after them
/// an entry that names the member and has the digest of each part; the last entry has all of that again, and the digest of
/// everything before it.
package struct ImageArchiveOrigin: Codable, Equatable, Sendable {
  /// The first entry's name.
  static let entry = "dioptra-images.json"
  /// The format that this program writes, and the newest that it reads.
  static let format = 1

  package let format: Int
  /// What the images' engine runs, such as `linux/amd64`.
  package let platform: String
  package let compression: ImageCompression
  /// The release of Dioptra that the images are of; empty if the configuration names none.
  package let release: String
  /// The version of `dioptra` that created the file.
  package let version: String
  /// RFC 3339, UTC.
  package let createdAt: String
}

/// What a file of images has beside images: files that steps of initialisation built.
package struct ArchivedFiles: Codable, Equatable, Sendable {
  /// What they are, such as `the front end`.
  package let summary: String
  /// An image of the file in which they can be unpacked.
  let toolImage: String
  /// SHA-256 of their tar archive.
  let digest: String
}

/// An image in a file, or files that steps of initialisation built.
package struct ArchivedMember: Codable, Equatable, Sendable {
  /// The image's name with its tag, or what represents the steps.
  package let name: String
  /// What the image was on the engine that it comes from; nil for files.
  package let image: ImageFacts?
  /// nil for an image.
  package let files: ArchivedFiles?
  /// To be concatenated.
  let parts: [BackupMember.Part]

  /// For messages.
  package var shownName: String { files?.summary ?? name }

  /// What it takes of the file.
  package var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// The name of an entry of the archive.
  ///
  /// - Parameters:
  ///   - member: From 1.
  ///   - part: From 1; nil for the entry after the parts.
  static func entry(member: Int, part: Int?) -> String {
    func padded(_ number: Int) -> String {
      String(repeating: "0", count: max(0, 5 - String(number).count)) + String(number)
    }
    return "content/\(padded(member))\(part.map { "/\(padded($0))" } ?? ".json")"
  }
}

/// The last entry of a file of images: without it, the file is incomplete.
struct ImageArchiveManifest: Codable, Equatable, Sendable {
  static let entry = "manifest.json"

  let members: [ArchivedMember]
  /// SHA-256 of everything before this entry.
  let digest: String
}

enum ImageArchiveJSON {
  /// Reads what this program wrote.
  ///
  /// - Returns: nil for anything else, and for other bytes with the same meaning.
  static func decoded<Value: Codable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
    guard let value = try? JSONDecoder().decode(type, from: Data(bytes)), (try? BackupJSON.encoded(value)) == bytes
    else { return nil }
    return value
  }
}

extension DioptraError {
  static func damagedImages(_ cause: String) -> DioptraError {
    DioptraError(
      .imagesInvalid, "the file of images cannot be used: \(cause)",
      remedy: "Copy it again from where it was made, or make it again with \(dioptra: "images", "save", "FILE")")
  }
}
