public import DioptraModel
internal import DioptraSystem

/// Renders a blueprint as the files of the folder. Pure: the same blueprint gives the same bytes.
public struct Renderer {
  package let blueprint: Blueprint
  package let context: Context
  private let compiled = CompiledTemplates()
  private let secretVersions: [SecretName: Int]
  private let addresses: ServiceAddresses
  private let knownSecrets: Set<SecretName>

  /// - Parameter secretVersions: The version of each secret in the files; by default the first.
  public init(_ blueprint: Blueprint, in context: Context, secretVersions: [SecretName: Int] = [:]) {
    self.blueprint = blueprint
    self.context = context
    self.secretVersions = secretVersions
    addresses = ServiceAddresses(blueprint, in: context)
    knownSecrets = Set(blueprint.secrets.map(\.name))
  }

  /// - Throws: `DioptraError` if a text refers to something that no component contributes.
  public func tree() throws -> RenderedTree {
    var files = try blueprint.files.map { file in
      try rendered(file.path, file.permissions, file.owner, content(file.content, of: file.owner))
    }
    files += try blueprint.environmentFiles.map { file in
      try rendered(file.path, .plain, file.owner, EnvironmentFileDocument(file: file.value).text(resolved))
    }
    for script in blueprint.scripts {
      let body = try content(script.body, of: script.owner)
      files.append(
        try rendered(
          "\(ContainerScript.folder)/\(script.name).m4", script.isTemplateExecutable ? .executable : .plain,
          script.owner, ArgbashTemplate(script: script.value, body: body).text))
      files.append(
        try rendered(
          "\(ContainerScript.folder)/\(script.name).sh", .executable, script.owner,
          ProcessedScript(script: script.value, body: body).text))
    }
    return RenderedTree(files: files.sorted { $0.path < $1.path })
  }

  private func rendered(
    _ path: String, _ permissions: FolderFile.Permissions, _ owner: ComponentID, _ text: Text
  ) throws -> RenderedFile {
    let file = RenderedFile(path: path, permissions: permissions, component: owner, text: text)
    if permissions != .secret, let secret = file.secrets.first {
      throw DioptraError(
        .componentInvalid,
        "file \(path) of component '\(owner)' shows the secret \(secret.name) but is readable by all",
        remedy: "Give the file the permissions of a secret")
    }
    return file
  }

  private func content(_ content: FolderFile.Content, of owner: ComponentID) throws -> Text {
    switch content {
    case .text(let text): return try resolved(text)
    case .jinja(let text): return try jinja(text)
    case .template(let template, let values):
      var text = Text("")
      try compiled[template].append(
        to: &text, with: TemplateScope(values, general: generalValue, resolved: resolved))
      return text
    }
  }

  /// The values available to every template: each variable by name, and the blueprint.
  private func generalValue(_ name: String) throws -> TemplateValue? {
    if let value = try BlueprintValues(renderer: self)[name] { return value }
    guard context.configuration.entry(VariableName(name)) != nil else { return nil }
    return .text(try context[VariableName(name)])
  }

  /// The deployment's prefix.
  package var slug: String { context.configuration.slug }

  /// The variable with the prefix of every name that the deployment uses on the engine.
  public static var slugVariable: VariableName { Configuration.slugVariable }

  /// The text with endpoints replaced by addresses, and each secret at its version.
  package func resolved(_ text: Text) throws -> Text {
    let text = try addresses.resolved(text)
    guard text.segments.contains(where: { $0.secret != nil }) else { return text }
    return Text(
      segments: try text.segments.map { segment in
        guard case .secret(let name, let encoding, let version) = segment.content else { return segment }
        let decided = try version ?? secretVersions[known(name)] ?? SecretReference.firstVersion
        return segment.with(.secret(name, encoding, version: decided))
      })
  }

  /// A text in which every secret is a Jinja2 placeholder.
  private func jinja(_ text: Text) throws -> Text {
    let plain = Text(
      segments: try text.segments.map { segment in
        guard case .secret(let name, let encoding, _) = segment.content else { return segment }
        return segment.with(.literal("{{ \(try known(name))\(encoding == .percent ? " | urlencode" : "") }}"))
      })
    return try resolved(plain)
  }

  private func known(_ name: SecretName) throws -> SecretName {
    guard knownSecrets.contains(name) else {
      throw DioptraError(
        .componentInvalid, "a text refers to the secret '\(name)', which no component declares",
        remedy: "Correct the name")
    }
    return name
  }
}
