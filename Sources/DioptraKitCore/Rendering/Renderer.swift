public import DioptraModel
internal import DioptraSystem

/// Turns a blueprint into the files of the folder. Pure: the same blueprint gives the same bytes.
public struct Renderer {
  package let blueprint: Blueprint
  package let context: Context
  private let compiled = CompiledTemplates()
  private let secretVersions: [SecretName: Int]
  private let endpoints: [EndpointName: Endpoint]
  private let knownSecrets: Set<SecretName>
  /// The hosts that services reach without a proxy, as `NO_PROXY` lists them: themselves, each other, and the user's own.
  let insideHosts: Text

  /// - Parameter secretVersions: The version of each secret that the files show; the first where none is given.
  public init(_ blueprint: Blueprint, in context: Context, secretVersions: [SecretName: Int] = [:]) {
    self.blueprint = blueprint
    self.context = context
    self.secretVersions = secretVersions
    endpoints = Dictionary(blueprint.endpoints.map { ($0.name, $0.value) }) { first, _ in first }
    knownSecrets = Set(blueprint.secrets.map(\.name))
    let prefix = Self.prefix(context.configuration.entry(Self.slugVariable)?.value ?? "")
    let called = blueprint.endpoints.map(\.value.service).reduce(into: [ServiceName]()) { services, service in
      if !services.contains(service) { services.append(service) }
    }
    let own = context.configuration.entry(Self.noProxyVariable).map { entry in
      entry.value.isEmpty ? [] : [Text(segments: [.variable(Self.noProxyVariable, value: entry.value)])]
    }
    let inside: [Text] = ["localhost", "127.0.0.1", "::1"] + called.map { "\(prefix)-\($0.rawValue)" }
    insideHosts = (inside + (own ?? [])).joined(separator: ",")
  }

  /// - Throws: `DioptraError` when a text refers to something that nobody contributes.
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
    case .document(let document):
      switch document {
      case .compose: return try ComposeDocument(renderer: self, owner: owner).running()
      case .composeInit: return try ComposeDocument(renderer: self, owner: owner).initializing()
      case .settings: return try SettingsDocument(settings: blueprint.settings, owner: owner).text(resolved)
      case .settingsTemplate:
        return try jinja(SettingsDocument(settings: blueprint.settings, owner: owner).text(resolved))
      }
    }
  }

  /// What every template knows: each variable by its name, and the blueprint.
  private func generalValue(_ name: String) throws -> TemplateValue? {
    if let value = try BlueprintValues(renderer: self)[name] { return value }
    guard context.configuration.entry(VariableName(name)) != nil else { return nil }
    return .text(try context[VariableName(name)])
  }

  /// The deployment's prefix.
  package var slug: String { context.configuration.slug }

  /// The variable that holds the prefix of every name that the deployment shows to the engine.
  public static var slugVariable: VariableName { Configuration.slugVariable }

  /// The variable that lists hosts which services reach without a proxy.
  static let noProxyVariable: VariableName = "no_proxy"

  /// The text with addresses in place of endpoints, and each secret at the version that the files show.
  package func resolved(_ text: Text) throws -> Text {
    var result = Text("")
    for segment in text.segments {
      switch segment.content {
      case .literal, .variable: result.append(segment)
      case .secret(let name, let encoding, let version):
        let version = try version ?? secretVersions[known(name)] ?? SecretReference.firstVersion
        result.append(Text.Segment(.secret(name, encoding, version: version), of: segment.component))
      case .endpoint(let name, let part):
        guard let endpoint = endpoints[name] else {
          throw DioptraError(
            .componentInvalid, "a text refers to the endpoint '\(name)', which no component contributes",
            remedy: "Correct the name, or enable the component that it comes from")
        }
        result += fullName(endpoint.service).of(segment.component)
        if part == .address { result.append(":\(endpoint.port)", of: segment.component) }
      }
    }
    return result
  }

  /// The name that containers reach a service by.
  func fullName(_ service: ServiceName) -> Text {
    "\(Self.prefix(slug))-\(service.rawValue)"
  }

  /// The prefix of names, as text that remembers its variable.
  static func prefix(_ slug: String) -> Text { Text(segments: [.variable(slugVariable, value: slug)]) }

  /// A text in which every secret is a Jinja2 placeholder.
  private func jinja(_ text: Text) throws -> Text {
    let plain = Text(
      segments: try text.segments.map { segment in
        guard case .secret(let name, let encoding, _) = segment.content else { return segment }
        return Text.Segment(
          .literal("{{ \(try known(name))\(encoding == .percent ? " | urlencode" : "") }}"), of: segment.component)
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
