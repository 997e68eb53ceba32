import DioptraKitCore

/// What `adopt` recognised, as text and as JSON.
struct AdoptReport: Encodable {
  struct Files: Encodable {
    let pristine: [String]
    let edited: [Adoption.Edit]
    let unknown: [String]
    let missing: [String]
  }

  struct Choice: Encodable {
    let name: String
    let value: String
  }

  let folder: String
  /// Whether the folder has been taken over, now or before.
  let adopted: Bool
  let isManagedAlready: Bool
  private let lateClaims: [String]
  fileprivate let recognized: Recognized?

  fileprivate struct Recognized {
    let origin: Adoption.Origin
    let release: String
    let template: String
    let name: String
    let https: Bool
    let choices: [Choice]
    let off: [String]
    let secrets: [String]
    let files: Files
    let claims: [String]
    let notes: [String]
  }

  enum CodingKeys: CodingKey {
    case folder, adopted, origin, release, templateRelease, name, nginxSSL, postgresSSL, variables, disabledComponents
    case secrets, files, claims, notes
  }

  /// - Parameter path: The folder that was named.
  init(_ report: AdoptOperation.Report, of path: String, isDryRun: Bool) {
    switch report {
    case .managed(let claims): self.init(managed: path, claims: claims)
    case .adopted(let adoption): self.init(adoption, isDryRun: isDryRun)
    }
  }

  /// The report on a folder that is already managed.
  ///
  /// - Parameter claims: The volumes that are claimed by this run.
  private init(managed folder: String, claims: [String]) {
    self.folder = folder
    lateClaims = claims
    adopted = true
    isManagedAlready = true
    recognized = nil
  }

  private init(_ adoption: Adoption, isDryRun: Bool) {
    folder = adoption.folder.path
    lateClaims = []
    adopted = !isDryRun
    isManagedAlready = false
    let configuration = adoption.deployment.configuration
    func isOn(_ name: VariableName) -> Bool { configuration.entry(name)?.value == VariableType.on }
    recognized = Recognized(
      origin: adoption.origin, release: configuration.entry("release")?.value ?? "", template: adoption.templateRelease,
      name: configuration.entry("deployment_name")?.value ?? "", https: isOn("enable_nginx_ssl"),
      choices: adoption.choices.map { Choice(name: $0.name, value: $0.value) },
      off: adoption.configuration.disabled.map(\.rawValue).sorted(), secrets: adoption.secrets.map(\.rawValue),
      files: Files(
        pristine: adoption.pristine, edited: adoption.edits, unknown: adoption.unknown, missing: adoption.missing),
      claims: adoption.claims, notes: adoption.notes)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(folder, forKey: .folder)
    try container.encode(adopted, forKey: .adopted)
    guard let recognized else { return try container.encode(lateClaims, forKey: .claims) }
    try container.encode(recognized.origin, forKey: .origin)
    try container.encode(recognized.release, forKey: .release)
    try container.encode(recognized.template, forKey: .templateRelease)
    try container.encode(recognized.name, forKey: .name)
    try container.encode(recognized.https, forKey: .nginxSSL)
    try container.encode(
      recognized.choices.contains { $0.name == "enable_postgres_ssl" && $0.value == VariableType.on },
      forKey: .postgresSSL)
    try container.encode(recognized.choices, forKey: .variables)
    try container.encode(recognized.off, forKey: .disabledComponents)
    try container.encode(recognized.secrets, forKey: .secrets)
    try container.encode(recognized.files, forKey: .files)
    try container.encode(recognized.claims, forKey: .claims)
    try container.encode(recognized.notes, forKey: .notes)
  }

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
