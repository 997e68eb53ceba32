internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// The lines of the reference template in each of its releases, as digests: just enough to tell its lines from a
/// user's.
public struct ReferenceFingerprints: Sendable {
  /// The releases, oldest first. The last one is the template's current state, which is not a release.
  public let releases: [String]
  /// The paths of the files, with `{slug}` for the deployment's prefix, each with the releases that contain a line.
  private let files: [String: [UInt64: Releases]]
  /// The releases that contain each file.
  private let writers: [String: Releases]
  /// The placeholders in the template's lines: `{container_tag}`.
  let placeholders: [String]
  /// Texts before numbers that do not matter, such as those of workers.
  let numbered: [String]

  /// A set of releases.
  struct Releases: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }
    init(_ position: Int) { self.init(rawValue: 1 << UInt8(position)) }
  }

  private struct Document: Decodable {
    let releases: [String]
    let placeholders: [String]
    /// For each path, lists of digests by the releases that contain them, separated by commas.
    let files: [String: [String: [String]]]
  }

  /// - Parameters:
  /// - json: The fingerprints in the program.
  /// - numbered: Texts before numbers that do not matter, such as the beginnings of workers' names.
  /// - Throws: `DioptraError` if they are unreadable.
  package init(json: String, numbered: [String]) throws {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
    } catch {
      throw DioptraError(
        .internalFault, "the figures of the reference template cannot be read", remedy: "Check the file")
    }
    self.numbered = numbered
    releases = document.releases
    placeholders = document.placeholders
    let files = document.files.mapValues { groups in
      var lines: [UInt64: Releases] = [:]
      for (names, digests) in groups {
        let members = names.split(separator: ",").compactMap { document.releases.firstIndex(of: String($0)) }
        let set = members.reduce(into: Releases()) { $0.insert(Releases($1)) }
        for digest in digests {
          if let fingerprint = UInt64(digest, radix: 16) { lines[fingerprint, default: []].formUnion(set) }
        }
      }
      return lines
    }
    self.files = files
    writers = files.mapValues { lines in lines.values.reduce(into: Releases()) { $0.formUnion($1) } }
  }

  /// The paths of all releases' files for a deployment's prefix: the actual path, and that in the fingerprints.
  func paths(slug: String) -> [String: String] {
    Dictionary(uniqueKeysWithValues: files.keys.map { ($0.replacing("{slug}", with: slug), $0) })
  }

  /// The releases that contain a file.
  func releases(of file: String) -> Releases {
    writers[file] ?? []
  }

  /// The releases in which a file contains a line.
  ///
  /// - Parameter lines: Converts the line to the form of the fingerprints.
  func releases(of file: String, with line: ArraySlice<UInt8>, in lines: ReferenceLines) -> Releases {
    guard let known = files[file] else { return [] }
    let most = releases(of: file)
    var found: Releases = []
    lines.forms(of: line) { form in
      found.formUnion(known[Self.fingerprint(of: form)] ?? [])
      return found == most
    }
    return found
  }

  /// The first 48 bits of a line's SHA-256.
  static func fingerprint(of line: [UInt8]) -> UInt64 {
    SHA256.hash(data: line).prefix(6).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
