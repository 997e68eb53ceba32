internal import DioptraModel
internal import DioptraRendering
internal import DioptraSystem
internal import Glibc

/// The environment of the programs that access the engine.
///
/// Compose takes values for `${NAME}` from its environment before `.env`, and has its own settings there. A deployment
/// must not depend on the shell in which a command is typed: only variables that choose the engine, or that its client
/// needs to access it and to log in to registries, are passed on.
enum EngineEnvironment {
  private static let passed: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS",
    "DOCKER_TLS_VERIFY", "DOCKER_API_VERSION", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy",
    "no_proxy",
  ]
  /// Tells helpers for registry passwords where to find their own data.
  private static let passedPrefixes = ["AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_"]

  /// The variables to remove from this process's environment.
  ///
  /// - Parameter names: Variables that the deployment's files set themselves.
  static func changes(hiding names: [String], in environment: [String] = current) -> [String: String?] {
    let foreign = environment.filter { name in
      !passed.contains(name) && !passedPrefixes.contains(where: name.hasPrefix)
    }
    return Dictionary((foreign + names).map { ($0, nil) }) { first, _ in first }
  }

  /// The names of the variables in this process's environment.
  private static var current: [String] {
    var names: [String] = []
    var entry = environ
    while let text = entry.pointee {
      names.append(String(String(cString: text).prefix { $0 != "=" }))
      entry += 1
    }
    return names
  }
}
