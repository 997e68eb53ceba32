import DioptraKitCore

extension AdoptReport {
  func text(_ output: Output) -> String {
    guard let recognized else {
      guard !lateClaims.isEmpty else { return "\(folder) is already managed; there is nothing to adopt.\n" }
      return "\(folder) is already managed. Volumes claimed for this deployment:\n"
        + lateClaims.map { "  \($0)\n" }.joined()
    }
    var text = "\(folder): \(recognized.headline)\n\n"
    let rows = recognized.rows
    let width = rows.map(\.0.count).max() ?? 0
    text += rows.map { "  \($0.0.padded(to: width))  \($0.1)\n" }.joined()
    if !recognized.choices.isEmpty {
      text += "\nIn dioptra.yaml:\n"
      text += recognized.choices.map { "  \($0.name): \($0.value.isEmpty ? "''" : $0.value)\n" }.joined()
    }
    for edit in recognized.files.edited {
      text += "\n\(output.bold(edit.path.onOneLine)) has lines that you edited:\n"
      text += edit.lines.map { "  \(String($0.number).leftPadded(to: 4))  \($0.text)\n" }.joined()
      if edit.lines.isEmpty { text += "        some lines are missing\n" }
    }
    func list(_ title: String, _ paths: [String]) -> String {
      paths.isEmpty ? "" : "\n\(title)\n" + paths.map { "  \($0.onOneLine)\n" }.joined()
    }
    text += list("Your own files, recorded unchanged:", recognized.files.unknown)
    text += list("Missing:", recognized.files.missing)
    text += list("Volumes claimed for this deployment:", recognized.claims)
    text += list("Notes:", recognized.notes.map { "- \($0)." })
    return text + "\n" + end
  }

  private var end: String {
    guard adopted else { return "Nothing was written. Run the command without --dry-run to record this.\n" }
    return "Adopted; no file was changed. `dioptra upgrade --dry-run` shows what this version would change.\n"
  }
}

extension AdoptReport.Recognized {
  fileprivate var headline: String {
    switch origin {
    case .reference:
      "a deployment that the reference template made, "
        + (template == "main" ? "after release 1.1.0" : "release \(template)")
    case .dioptra: "a deployment made by dioptra that lost its state"
    }
  }

  fileprivate var rows: [(String, String)] {
    let kinds = [
      (files.pristine.count, "as written"), (files.edited.count, "edited"), (files.unknown.count, "your own"),
      (files.missing.count, "missing"),
    ]
    let isEncrypted = choices.contains { $0.name == "enable_postgres_ssl" && $0.value == VariableType.on }
    return [
      ("name", name), ("release", release),
      ("TLS", "NGINX \(https ? "on" : "off"), PostgreSQL \(isEncrypted ? "on" : "off")"),
      ("secrets", "\(secrets.count), unchanged"),
      ("files", kinds.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")),
    ] + (off.isEmpty ? [] : [("off", off.joined(separator: ", "))])
  }
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
