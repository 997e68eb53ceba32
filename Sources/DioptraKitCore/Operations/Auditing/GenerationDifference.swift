public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What is different between two generations: the configuration and the files as they are expected on disk, without
/// secrets.
public struct GenerationDifference: Encodable, Equatable, Sendable {
  public enum Action: String, Codable, Sendable {
    case create, update, delete
  }

  public struct File: Encodable, Equatable, Sendable {
    public let path: String
    /// nil for `dioptra.yaml`.
    public let component: ComponentID?
    public let action: Action
    /// Octal, such as `0644`; nil where the file is not there.
    public let modeBefore: String?
    public let modeAfter: String?
    /// Unified, each secret as `‹name›`; empty where nothing that can be shown differs.
    public let diff: String
    /// What differs and is not shown.
    public let note: String?
    public let added: Int
    public let removed: Int
  }

  /// nil for nothing: what the first generation is compared with.
  public let from: Int?
  public let to: Int
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

  /// Some of the files.
  func showing(_ isShown: (File) -> Bool) -> Self {
    Self(from: from, to: to, files: files.filter(isShown))
  }

  /// The hunks of all files, for a person.
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

  /// The configuration comes first: the rest follows from it.
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
      note: isHidden ? "other secrets, or bytes that are no text" : nil, added: diff.added, removed: diff.removed)
  }
}

extension StoredText {
  /// The characters for a person: without secrets, also those that the text did not refer to.
  func shown(hiding mask: SecretMask) -> String {
    guard isMergeable else { return "(bytes that are no text)\n" }
    return mask.masked(masked).withVisibleBytes
  }
}

extension FileVersion {
  var octalMode: String { mode.octal }
}

extension History {
  /// What is different between two generations.
  ///
  /// - Parameter path: One file, or a folder with all below it; nil for everything.
  /// - Throws: `DioptraError` when there is no such generation or path.
  public func difference(from: Int, to: Int, at path: String? = nil) throws -> GenerationDifference {
    try state.snapshot {
      let old = try generation(from)
      let new = try generation(to)
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

  private func generation(_ id: Int) throws -> State.Generation {
    if let generation = try state.generation(id) { return generation }
    let newest = try state.progress().planned
    throw DioptraError(
      .nameUnknown, "there is no generation \(id)",
      remedy: newest > 0 ? "Give a number from 1 to \(newest)" : .firstInit)
  }
}
