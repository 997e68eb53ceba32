internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Files with secrets that a person keeps as they are: they are closed to others, and `.env` gets the settings that the
/// files to come that describe services ask for.
struct KeptSettings {
  private let target: FolderTarget
  private let secrets: SecretValues

  init(_ target: FolderTarget, secrets: SecretValues) {
    self.target = target
    self.secrets = secrets
  }

  /// - Throws: `DioptraError` where what is kept cannot be read.
  func complete(_ decision: inout Reconciler.Decision, _ sides: Reconciler.Sides) throws {
    guard let desired = sides.desired, case .file(let bytes, let mode) = sides.actual,
      [.keep, .update, .merge].contains(decision.action)
    else { return }
    if desired.mode & 0o077 == 0, (decision.write?.mode ?? mode) & 0o077 != 0 {
      if decision.action == .keep { decision.action = .update }
      let version = decision.write ?? FileVersion(text: StoredText(bytes, secrets: secrets), mode: mode)
      decision.write = FileVersion(text: version.text, mode: version.mode & ~0o077)
      decision.recorded = decision.write
    }
    guard decision.path == Setting.file, !decision.isUndecided else { return }
    let text = decision.write?.text ?? StoredText(bytes, secrets: secrets)
    let lines = try missingLines(in: text.bytes(secrets: secrets), of: desired.text)
    guard !lines.isEmpty else { return }
    guard text.isMergeable else {
      throw DioptraError(
        .fileUnsuitable,
        "\(decision.path) is not UTF-8 text, and lacks settings that the \(target.dialect.words.reader) files ask for",
        remedy: "Save \(edit: decision.path) as UTF-8, then run the command again")
    }
    let end = text.characters.isEmpty || text.characters.utf8.last == .newline ? "" : "\n"
    decision.action = .merge
    decision.write = FileVersion(
      text: StoredText(text.characters + end + lines.joined()), mode: decision.write?.mode ?? mode)
    decision.recorded = decision.write
  }

  /// The lines of the wanted `.env` that such a file needs and the kept one does not have.
  private func missingLines(in kept: [UInt8], of desired: StoredText) throws -> [String] {
    let names = try EnvironmentText(kept, path: Setting.file).names
    let needed = target.dialect.projectFiles.reduce(into: Set<String>()) { needed, path in
      if let file = target.files[path] { needed.formUnion(target.dialect.neededSettings(in: file.version.text.masked)) }
    }
    return desired.characters.linesWithEnds.filter { line in
      let name = line.prefix { $0 != "=" }
      return needed.contains(String(name)) && !names.contains(String(name))
    }.map { $0.utf8.last == .newline ? $0 : $0 + "\n" }
  }
}
