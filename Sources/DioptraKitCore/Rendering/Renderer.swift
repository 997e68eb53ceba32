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
  let insideHosts: String

  /// - Parameter secretVersions: The version of each secret that the files show; the first where none is given.
  public init(_ blueprint: Blueprint, in context: Context, secretVersions: [SecretName: Int] = [:]) {
    self.blueprint = blueprint
    self.context = context
    self.secretVersions = secretVersions
    endpoints = Dictionary(blueprint.endpoints.map { ($0.name, $0.value) }) { first, _ in first }
    knownSecrets = Set(blueprint.secrets.map(\.name))
    let prefix = MarkedText.variable(Self.slugVariable, context.configuration.entry(Self.slugVariable)?.value ?? "")
    let called = blueprint.endpoints.map(\.value.service).reduce(into: [ServiceName]()) { services, service in
      if !services.contains(service) { services.append(service) }
    }
    let own = context.configuration.entry(Self.noProxyVariable).map { entry in
      entry.value.isEmpty ? [] : [MarkedText.variable(Self.noProxyVariable, entry.value)]
    }
    insideHosts = (["localhost", "127.0.0.1", "::1"] + called.map { "\(prefix)-\($0)" } + (own ?? [])).joined(
      separator: ",")
  }

  /// - Throws: `DioptraError` when a text refers to something that nobody contributes.
  public func tree() throws -> RenderedTree {
    var files = try blueprint.files.map { file in
      try rendered(file.path, file.permissions, file.owner, content(file.content, of: file.owner))
    }
    files += try blueprint.environmentFiles.map { file in
      try rendered(file.path, .plain, file.owner, EnvironmentFileDocument(file: file.value).text(marked))
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
    _ path: String, _ permissions: FolderFile.Permissions, _ owner: ComponentID, _ text: String
  ) throws -> RenderedFile {
    let file = RenderedFile(
      path: path, permissions: permissions, component: owner,
      segments: MarkedText.segments(of: text, owner: owner, secretVersions: secretVersions))
    if permissions != .secret, let secret = file.secrets.first {
      throw DioptraError(
        "file \(path) of component '\(owner)' shows the secret \(secret.name) but is readable by all",
        remedy: "Give the file the permissions of a secret"
      )
    }
    return file
  }

  private func content(_ content: FolderFile.Content, of owner: ComponentID) throws -> String {
    switch content {
    case .text(let text): return try marked(text)
    case .jinja(let text): return try jinja(text)
    case .template(let template, let values):
      let scope = TemplateScope(values, general: generalValue, marked: marked)
      let text = try template.rendered(with: scope, compiled)
      if let failure = scope.failure { throw failure }
      return text
    case .document(let document):
      switch document {
      case .compose: return try ComposeDocument(renderer: self, owner: owner).running()
      case .composeInit: return try ComposeDocument(renderer: self, owner: owner).initializing()
      case .settings: return try SettingsDocument(settings: blueprint.settings).text(marked)
      case .settingsTemplate: return try SettingsDocument(settings: blueprint.settings).text(jinja)
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

  /// Characters with marks where variables and secrets stand.
  package func marked(_ text: Text) throws -> String {
    try text.segments.reduce(into: "") { result, segment in
      switch segment {
      case .literal(let value): result += value
      case .variable(let name, let value): result += MarkedText.variable(name, value)
      case .secret(let name, let encoding): result += MarkedText.secret(try known(name), encoding)
      case .endpoint(let name, let part):
        guard let endpoint = endpoints[name] else {
          throw DioptraError(
            "a text refers to the endpoint '\(name)', which nobody contributes",
            remedy: "Correct the name, or switch on the component that it comes from"
          )
        }
        result += fullName(endpoint.service)
        if part == .address { result += ":\(endpoint.port)" }
      }
    }
  }

  /// The name that containers reach a service by.
  func fullName(_ service: ServiceName) -> String {
    "\(MarkedText.variable(Self.slugVariable, slug))-\(service)"
  }

  /// Characters in which every secret is a Jinja2 placeholder.
  private func jinja(_ text: Text) throws -> String {
    let plain = Text(
      segments: try text.segments.map { segment in
        guard case .secret(let name, let encoding) = segment else { return segment }
        return .literal("{{ \(try known(name))\(encoding == .percent ? " | urlencode" : "") }}")
      })
    return try marked(plain)
  }

  private func known(_ name: SecretName) throws -> SecretName {
    guard knownSecrets.contains(name) else {
      throw DioptraError("a text refers to the secret '\(name)', which nobody declares", remedy: "Correct the name")
    }
    return name
  }
}
