internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
package import DioptraState
package import DioptraSystem

extension Adoption {
  /// Writes State and `dioptra.yaml`. The holder of the lock calls this.
  ///
  /// - Parameter run: The run that this is part of; asked for right before it begins.
  package func apply(to state: State, run: @autoclosure () throws -> Int, now: Timestamp) throws {
    try state.transaction {
      try takeSecrets(state, now)
      let id = try run()
      let secrets = try state.secretValues()
      let versions = try state.secretVersions()
      let tree = try Deployment(in: deployment.context, secretVersions: versions).tree
      var records: [String: State.GenerationFile] = [:]
      for file in files.files { records[file.path] = try record(file, tree, secrets, state, now) }
      if origin == .dioptra {
        for path in files.missing {
          guard let file = tree[path] else { continue }
          records[path] = State.GenerationFile(
            component: file.component,
            rendered: FileVersion(text: StoredText(file), mode: file.permissions.mode), recorded: nil)
        }
      }
      try state.claim(survey.claims, run: id, now: now)
      let texts = origin == .dioptra ? tree.files.map { ($0.path, $0.text) } : []
      _ = try state.plan(
        records, changes, from: Dictionary(uniqueKeysWithValues: texts), run: id, version: version,
        configuration: configuration.text, now: now)
    }
    try Self.finish(in: folder, state, now: now)
  }

  /// Completes this adoption, or an interrupted one.
  ///
  /// - Returns: Whether there was one.
  @discardableResult
  package static func finish(in folder: ConfinedFolder, _ state: State, now: Timestamp) throws -> Bool {
    guard let generation = try state.begunAdoption() else { return false }
    folder.discardStaged(ConfigurationFile.name)
    let secrets = try state.secretValues()
    var found: [String: Reconciler.Actual] = [:]
    let changes = try state.changes(of: generation.id).filter { change in
      let actual = try folder.actual(change.path)
      found[change.path] = actual
      guard case .file(let bytes, _) = actual, let result = change.result else { return true }
      return try result.text.bytes(secrets: secrets) != bytes
    }
    try StagedChanges(changes, of: generation.id, in: folder, secrets: secrets, found: found).write()
    try state.markApplied(generation.id, now: now)
    return true
  }

  /// Whether an adoption was interrupted.
  package static func isBegun(_ state: State) throws -> Bool { try state.begunAdoption() != nil }

  // MARK: Records

  private var version: GenerationVersion {
    guard origin == .reference else { return registry.version(of: deployment.configuration) }
    return GenerationVersion(
      template: GenerationVersion.referenceTemplate, release: deployment.configuration.release)
  }

  private var changes: [State.Change] {
    guard !isConfigured else { return [] }
    let result = FileVersion(text: StoredText(configuration.text), mode: 0o644)
    return [State.Change(path: ConfigurationFile.name, expected: nil, result: result)]
  }

  private func takeSecrets(_ state: State, _ now: Timestamp) throws {
    let known = try state.secretValues()
    let versions = try state.secretVersions()
    for (name, value) in values.secrets.sorted(by: { $0.key < $1.key }) {
      let newest = versions[name].flatMap { known.values[SecretReference(name: name, version: $0)] }
      if newest != value { try state.addVersion(of: name, value: value, now: now) }
    }
  }

  private func record(
    _ file: AdoptedFile, _ tree: RenderedTree, _ secrets: SecretValues, _ state: State, _ now: Timestamp
  ) throws -> State.GenerationFile {
    let text = StoredText(file.bytes, secrets: secrets)
    let isPrivate = file.path.isPrivate || file.mode & 0o077 == 0
    func kept(_ text: StoredText) throws -> StoredText {
      isPrivate ? try state.keepText(text, secrets: secrets, now: now) : text
    }
    guard let written = file.written else {
      return .own(FileVersion(text: try kept(text), mode: file.mode), near: file.component)
    }
    if origin == .dioptra, let wanted = tree[file.path] {
      let rendered = FileVersion(text: StoredText(wanted), mode: wanted.permissions.mode)
      let recorded = file.isPristine ? rendered.text : try kept(text)
      return State.GenerationFile(
        component: file.component, rendered: rendered, recorded: FileVersion(text: recorded, mode: file.mode))
    }
    if file.isPristine {
      // If a value is too short to be recognised in other text, the whole text is stored like a secret.
      let shown = secrets.areAllTold ? text : try kept(text)
      let version = FileVersion(text: shown, mode: file.mode)
      return State.GenerationFile(component: file.component, rendered: version, recorded: version)
    }
    let rendered = StoredText(written, secrets: secrets)
    return State.GenerationFile(
      component: file.component,
      rendered: FileVersion(text: secrets.areAllTold ? rendered : try kept(rendered), mode: file.mode),
      recorded: FileVersion(text: try kept(text), mode: file.mode))
  }
}

extension SecretValues {
  /// Whether every secret can be recognised in a text; see `longestFirst`.
  fileprivate var areAllTold: Bool {
    values.allSatisfy {
      $0.value.utf8.count >= SecretValues.recognizable
        || $0.key.name.rawValue.hasPrefix(SecretName.keptTextPrefix)
    }
  }
}
