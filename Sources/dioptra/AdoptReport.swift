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
  let lateClaims: [String]
  let recognized: Recognized?

  struct Recognized {
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
}
