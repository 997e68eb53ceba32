public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// The differences between two generations, of the configuration and of the files as expected on disk, without secrets.
public struct GenerationDifference: Encodable, Equatable, Sendable {
  /// What happens to a file from the first generation to the second.
  public enum Action: String, Codable, Sendable {
    case create, update, delete
  }

  /// A file that differs.
  public struct File: Encodable, Equatable, Sendable {
    /// Relative to the deployment's folder, escaped where it is not text.
    public let path: String
    /// nil for `dioptra.yaml`.
    public let component: ComponentID?
    /// `create` for a file that only the second generation has, `delete` for one that only the first has.
    public let action: Action
    /// Octal, such as `0644`; nil if there is no file.
    public let modeBefore: String?
    /// The same in the second generation.
    public let modeAfter: String?
    /// A unified diff with each secret as `‹name›`; empty if nothing that can be shown differs.
    public let diff: String
    /// A difference that is not shown.
    public let note: String?
    /// The number of added lines in the diff. A changed line counts as removed and added.
    public let added: Int
    /// The number of removed lines in the diff.
    public let removed: Int
  }

  /// nil for nothing, with which the first generation is compared.
  public let from: Int?
  /// The generation that is compared with `from`.
  public let to: Int
  /// The files that differ: `dioptra.yaml` first, the others by path.
  public let files: [File]

  /// One side of a file.
  struct Side: Equatable {
    let component: ComponentID?
    let version: FileVersion
  }

  init(from old: State.Generation?, to new: State.Generation, hiding secrets: SecretValues, at paths: (String) -> Bool)
  {
    let mask = SecretMask(secrets)
    from = old?.id
    to = new.id
    let before = old.map(Self.sides) ?? [:]
    let after = Self.sides(of: new)
    files = Set(before.keys).union(after.keys).filter(paths).sorted(by: Self.isBefore).compactMap { path in
      Self.file(path, before[path], after[path], hiding: mask)
    }
  }

  private init(from: Int?, to: Int, files: [File]) {
    self.from = from
    self.to = to
    self.files = files
  }

  /// The difference limited to some files.
  func showing(_ isShown: (File) -> Bool) -> Self {
    Self(from: from, to: to, files: files.filter(isShown))
  }

  /// The hunks of all files, as text.
  public var text: String {
    files.map { file in
      var text = ""
      if let before = file.modeBefore, let after = file.modeAfter, before != after {
        text += "\(file.path.onOneLine): permissions \(before) → \(after)\n"
      }
      if let note = file.note { text += "\(file.path.onOneLine): \(note)\n" }
      return text + file.diff.withVisibleControls
    }.joined()
  }

  private static func sides(of generation: State.Generation) -> [String: Side] {
    var sides = generation.files.compactMapValues { file in
      file.recorded.map { Side(component: file.component, version: $0) }
    }
    let configuration = FileVersion(text: StoredText(generation.configuration), mode: 0o644)
    sides[ConfigurationFile.name] = Side(component: nil, version: configuration)
    return sides
  }

  /// The configuration comes first, because the rest follows from it.
  private static func isBefore(_ left: String, _ right: String) -> Bool {
    (left == ConfigurationFile.name ? 0 : 1, left) < (right == ConfigurationFile.name ? 0 : 1, right)
  }

  static func file(_ path: String, _ before: Side?, _ after: Side?, hiding mask: SecretMask) -> File? {
    guard before != after, let either = after ?? before else { return nil }
    let old = before?.version.text.shown(hiding: mask)
    let new = after?.version.text.shown(hiding: mask)
    let diff = UnifiedDiff(from: old, to: new, path: path.shownPath)
    let isHidden = diff.text.isEmpty && before?.version.text != after?.version.text
    return File(
      path: path.shownPath, component: either.component,
      action: before == nil ? .create : after == nil ? .delete : .update,
      modeBefore: before?.version.octalMode, modeAfter: after?.version.octalMode, diff: diff.text,
      note: isHidden ? "different secrets, or bytes that are not text" : nil, added: diff.added, removed: diff.removed)
  }
}

extension StoredText {
  /// The characters for output, without any secret, even one that the text does not refer to.
  func shown(hiding mask: SecretMask) -> String {
    guard isMergeable else { return "(not text)\n" }
    return mask.masked(masked).withVisibleBytes
  }
}

extension FileVersion {
  var octalMode: String { mode.octal }
}

extension History {
  /// The differences between two generations.
  ///
  /// - Parameter path: One file, or a folder with everything below; nil for all.
  /// - Throws: `DioptraError` if there is no such generation or path.
  public func difference(from: Int, to: Int, at path: String? = nil) throws -> GenerationDifference {
    try state.snapshot {
      let old = try state.existing(from)
      let new = try state.existing(to)
      var wanted = path?[...]
      while let path = wanted, path.hasPrefix("./") || path.hasSuffix("/") {
        wanted = path.hasPrefix("./") ? path.dropFirst(2) : path.dropLast()
      }
      let isWanted = { (path: String) in wanted.map { path == $0 || path.hasPrefix("\($0)/") } ?? true }
      let known = Set(old.files.keys).union(new.files.keys).union([ConfigurationFile.name])
      if let path, !known.contains(where: isWanted) {
        throw DioptraError(
          .fileUnknown, "neither generation \(from) nor \(to) has \(path.quoted)",
          remedy: .name(like: path, in: known.sorted()) ?? "Give a path inside the folder")
      }
      return GenerationDifference(from: old, to: new, hiding: try state.secretValues(), at: isWanted)
    }
  }
}

extension State {
  /// - Throws: `DioptraError` when there is no generation of that number.
  func existing(_ id: Int) throws -> Generation {
    if let generation = try generation(id) { return generation }
    let newest = try progress().planned
    throw DioptraError(
      .nameUnknown, "there is no generation \(id)",
      remedy: newest > 0 ? "Give a number from 1 to \(newest)" : .firstInit)
  }
}
