internal import Crypto
internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// What the reference template writes in each of its releases, as digests of lines: enough to tell its lines from a
/// user's, and no more.
public struct ReferenceFigures: Sendable {
  /// The releases, the oldest first. The last one is the template's current state, which is no release.
  public let releases: [String]
  /// The paths of the files, with `{slug}` for the deployment's prefix, each with the releases that know a line.
  private let files: [String: [UInt64: Releases]]
  /// The releases that write each file.
  private let writers: [String: Releases]
  /// The template's placeholders that its lines have: `{container_tag}`.
  let placeholders: [String]
  /// What a number follows that says nothing, such as that of a worker.
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
    /// For each path lists of digests, by the releases that have them, with commas between those.
    let files: [String: [String: [String]]]
  }

  /// - Parameters:
  ///   - json: The figures as the project carries them.
  ///   - numbered: Texts after which a number stands for any, such as those that names of workers begin with.
  /// - Throws: `DioptraError` when they cannot be read.
  public init(json: String, numbered: [String]) throws {
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
          if let figure = UInt64(digest, radix: 16) { lines[figure, default: []].formUnion(set) }
        }
      }
      return lines
    }
    self.files = files
    writers = files.mapValues { lines in lines.values.reduce(into: Releases()) { $0.formUnion($1) } }
  }

  /// The paths of the files of any release, for a deployment of a prefix: where each stands, and how the figures call it.
  func paths(slug: String) -> [String: String] {
    Dictionary(uniqueKeysWithValues: files.keys.map { ($0.replacing("{slug}", with: slug), $0) })
  }

  /// The releases that write a file.
  func releases(of file: String) -> Releases {
    writers[file] ?? []
  }

  /// The releases in which a file may have a line.
  ///
  /// - Parameter lines: Brings the line to the form of the figures.
  func releases(of file: String, with line: ArraySlice<UInt8>, in lines: ReferenceLines) -> Releases {
    guard let known = files[file] else { return [] }
    let most = releases(of: file)
    var found: Releases = []
    lines.forms(of: line) { form in
      found.formUnion(known[Self.figure(of: form)] ?? [])
      return found == most
    }
    return found
  }

  /// The first 48 bits of a line's SHA-256.
  static func figure(of line: [UInt8]) -> UInt64 {
    SHA256.hash(data: line).prefix(6).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
