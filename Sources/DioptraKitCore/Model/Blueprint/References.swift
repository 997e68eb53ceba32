internal import DioptraSystem

extension Reference {
  static func volume(_ name: VolumeName) -> Self { Self(Volume.kind, name.rawValue) }
  static func service(_ name: ServiceName) -> Self { Self(Service.kind, name.rawValue) }
  static func initService(_ name: ServiceName) -> Self { Self(InitService.kind, name.rawValue) }
  static func setting(_ name: String) -> Self { Self(Setting.kind, name) }
  static func secret(_ name: SecretName) -> Self { Self(Secret.kind, name.rawValue) }
  static func endpoint(_ name: EndpointName) -> Self { Self(Endpoint.kind, name.rawValue) }
  static func environmentFile(_ path: String) -> Self { Self(EnvironmentFile.kind, path) }
  static func file(_ path: String) -> Self { Self(FolderFile.kind, path) }
  static func proxyServer(_ name: String) -> Self { Self(ProxyServer.kind, name) }
  static func step(_ id: StepID) -> Self { Self(Step.kind, id.rawValue) }
  /// Components declare variables and do not contribute them.
  static func variable(_ name: VariableName) -> Self { Self("variable", name.rawValue) }
}

extension Text {
  /// The variables, secrets and endpoints that the text names.
  var references: [Reference] {
    segments.compactMap { segment in
      switch segment.content {
      case .literal: nil
      case .variable(let name, _): .variable(name)
      case .secret(let name, _, _): .secret(name)
      case .endpoint(let name, _): .endpoint(name)
      }
    }
  }
}

extension [Text] {
  var references: [Reference] { flatMap(\.references) }
}

extension TemplateValue {
  var references: [Reference] {
    switch self {
    case .text(let text): text.references
    case .flag: []
    case .list(let items): items.flatMap { $0.values.flatMap(\.references) }
    }
  }
}
