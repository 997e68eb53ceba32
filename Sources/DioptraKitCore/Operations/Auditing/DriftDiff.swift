internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension Drift {
  /// Adds a unified diff, with secrets masked, to each finding about content.
  package func withDiffs(_ findings: [DriftFinding]) throws -> [DriftFinding] {
    let secrets = try secrets ?? DriftSecrets(state.secretValues())
    let mask = SecretMask(secrets.all)
    return try findings.map { finding in
      var finding = finding
      if [.edited, .missing, .extra, .secret, .stale].contains(finding.kind) {
        finding.diff = try diff(finding, secrets, mask)
      }
      return finding
    }
  }

  private func diff(_ finding: DriftFinding, _ secrets: DriftSecrets, _ mask: SecretMask) throws -> String? {
    let path = finding.place
    let file = try record(at: path).map { try expected.file($0) }
    var recorded = file?.recorded
    if path == ConfigurationFile.name {
      recorded = FileVersion(text: StoredText(expected.configuration), mode: 0o644)
    }
    let old = try recorded?.text.bytes(secrets: secrets.all)
    guard case .some(let actual) = try? folder.size(of: path) else { return nil }
    guard actual <= ShownLines.limit, old?.count ?? 0 <= ShownLines.limit else {
      return "\(finding.path): too large to show\n"
    }
    var modes = [recorded?.mode, file.flatMap { $0.isOwn ? nil : $0.rendered.mode }].compactMap(\.self)
    var new: [UInt8]?
    if case .file(let bytes, let mode)? = try? folder.actual(path) {
      new = bytes
      modes.append(mode)
    }
    guard old != new else { return nil }
    let isPrivate = path.isPrivate || modes.contains { $0 & 0o077 == 0 }
    guard let lines = ShownLines(old: old, new: new) else { return "\(finding.path): binary, differs\n" }
    let rendered = isPrivate ? file?.rendered.text : nil
    let shown = lines.shown(mask, isPrivate: isPrivate, rendered: try rendered?.bytes(secrets: secrets.all) ?? [])
    let diff = UnifiedDiff(from: shown.old, to: shown.new, path: finding.path)
    return diff.text.isEmpty ? nil : diff.visible
  }
}
