internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The files of a folder made by the reference template, recognised by the template's fingerprints.
struct AdoptedFiles {
  /// Sorted by path.
  private(set) var files: [AdoptedFile] = []
  /// Files of the template that the user deleted.
  private(set) var missing: [String] = []
  /// The release of the template that fits the folder best.
  let release: String
  /// What cannot be recorded, as sentences.
  private(set) var notes: [String] = []

  /// The largest file that State stores, in bytes.
  static let limit = 16 << 20

  private struct Known {
    let path: String
    let bytes: [UInt8]
    let mode: UInt32
    let lines: [(text: ArraySlice<UInt8>, releases: ReferenceFingerprints.Releases)]

    func unknown(in release: ReferenceFingerprints.Releases) -> Int {
      lines.count { $0.releases.isDisjoint(with: release) }
    }
  }

  /// - Parameters:
  /// - outputs: The files that the folder's own generator makes, by the path of their template.
  /// - preferred: The release to choose if several fit equally well.
  /// - lines: Converts lines to the form of the fingerprints.
  /// - outputLines: The same for files that the folder's own generator makes.
  /// - owner: The component that owns a path.
  init(
    _ folder: ConfinedFolder, slug: String, fingerprints: ReferenceFingerprints, outputs: [String: String],
    preferred: String,
    lines: ReferenceLines, outputLines: ReferenceLines, owner: (String) -> ComponentID
  ) throws {
    let paths = fingerprints.paths(slug: slug)
    var known: [Known] = []
    var sources = paths
    for (template, output) in outputs { if let file = paths[template] { sources[output] = file } }
    for (path, source) in sources.sorted(by: { $0.key < $1.key }) {
      guard let version = try Self.version(of: path, in: folder) else { continue }
      let forms = paths[path] == nil ? outputLines : lines
      known.append(
        Known(
          path: path, bytes: version.bytes, mode: version.mode,
          lines: ReferenceLines.lines(of: version.bytes).map { line in
            (line, fingerprints.releases(of: source, with: line, in: forms))
          }))
    }
    let position = Self.mostLikely(known, fingerprints, preferred: preferred)
    let set = ReferenceFingerprints.Releases(position)
    release = fingerprints.releases[position]
    missing = sources.filter { path, source in
      !known.contains { $0.path == path } && fingerprints.releases(of: source).contains(set)
    }.map(\.key).sorted()
    files = known.map { file in
      let lines = file.lines.enumerated().filter { $0.element.releases.isDisjoint(with: set) }
      let written = file.lines.filter { !$0.releases.isDisjoint(with: set) }.flatMap(\.text)
      return AdoptedFile(
        path: file.path, component: owner(file.path), bytes: file.bytes, mode: file.mode, written: written,
        lines: lines.map { .init(number: $0.offset + 1, text: $0.element.text) })
    }
    try addUntracked(folder, owner)
    files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// The files of a folder rendered by dioptra.
  ///
  /// - Parameter rendered: The rendered files, by path.
  init(
    _ folder: ConfinedFolder, rendered: [String: [UInt8]], release: String, owner: (String) -> ComponentID
  ) throws {
    self.release = release
    for (path, written) in rendered.sorted(by: { $0.key < $1.key }) {
      guard let version = try Self.version(of: path, in: folder) else {
        missing.append(path)
        continue
      }
      let lines = ReferenceLines.lines(of: version.bytes)
      let changes = LineDifference(from: ReferenceLines.lines(of: written).map(Array.init), to: lines.map(Array.init))
      files.append(
        AdoptedFile(
          path: path, component: owner(path), bytes: version.bytes, mode: version.mode, written: written,
          lines: changes.changes.flatMap(\.new).map { .init(number: $0 + 1, text: lines[$0]) }))
    }
    try addUntracked(folder, owner)
    files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// If several releases fit equally well, chooses the preferred one or the newest.
  private static func mostLikely(_ files: [Known], _ fingerprints: ReferenceFingerprints, preferred: String) -> Int {
    let counts = fingerprints.releases.indices.map { position in
      files.reduce(0) { $0 + $1.unknown(in: ReferenceFingerprints.Releases(position)) }
    }
    let fewest = fingerprints.releases.indices.filter { counts[$0] == counts.min() }
    return fewest.first { fingerprints.releases[$0] == preferred } ?? fewest.last ?? 0
  }

  /// nil if there is no regular file.
  private static func version(of path: String, in folder: ConfinedFolder) throws -> (bytes: [UInt8], mode: UInt32)? {
    guard case .file(let mode)? = try folder.entry(path), let bytes = try folder.read(path) else { return nil }
    return (bytes, mode)
  }

  /// Everything else in the deployment's folders is the user's.
  private mutating func addUntracked(_ folder: ConfinedFolder, _ owner: (String) -> ComponentID) throws {
    let scan = try FolderScan(of: folder, paths: files.map(\.path), searched: Drift.ownFolders)
    for entry in scan.untracked + scan.blocked {
      let text = entry.path.text
      guard let path = entry.path.plain, entry.kind.isFile else {
        notes.append("\(text) is \(entry.kind.isFile ? "not a safe name" : entry.kind.phrase): not recorded")
        continue
      }
      if Drift.isUsersCertificate(path) { continue }
      guard try folder.size(of: path) <= Self.limit else {
        notes.append("\(path) has more than \(Self.limit >> 20) MB and is not recorded; move it out of the folder")
        continue
      }
      guard let version = try Self.version(of: path, in: folder) else { continue }
      files.append(
        AdoptedFile(
          path: path, component: owner(path), bytes: version.bytes, mode: version.mode, written: nil, lines: []))
    }
    let expected = folder.owner(of: ".")
    let foreign = files.map(\.path).filter { folder.owner(of: $0) != expected }
    guard let first = foreign.first else { return }
    let more = foreign.count == 1 ? "" : ", and \(foreign.count - 1) more,"
    notes.append(
      "\(first)\(more) \(foreign.count == 1 ? "belongs" : "belong") to another user than the folder: "
        + "see `dioptra drift`; `dioptra drift --repair` changes the owner")
  }
}
