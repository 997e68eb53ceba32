internal import DioptraPlatform
internal import DioptraSystem

extension FetchFailure {
  /// Reads what the engine says about an image that it could not fetch. It has no codes for that, only words: its own,
  /// the registry's, and those of the libraries between.
  init(dockerSaying message: String) {
    let text = message.lowercased()
    func says(_ words: String...) -> Bool { words.contains(where: text.contains) }
    self =
      if says("toomanyrequests", "too many requests", "http 429", "rate limit") {
        .rateLimited
      } else if says("no space left on device") {
        .spaceInsufficient
      } else if says("no matching manifest for", "does not match the specified platform", "no match for platform") {
        .otherArchitecture
      } else if says("x509:") {
        .untrusted
      } else if says("does not look like a tls handshake", "http response to https client") {
        .refused("its registry speaks plain HTTP, and the engine expects HTTPS")
      } else if says(
        "manifest unknown", "not found", "pull access denied", "repository does not exist", "name unknown",
        "unknown blob", "invalid reference format", "name invalid")
      {
        .missing
      } else if says(
        "no basic auth credentials", "authentication required", "incorrect username or password", "unauthorized",
        "forbidden", "denied")
      {
        .loginNeeded
      } else if says(
        "unexpected eof", ": eof", "connection re", "timeout", "timed out", "deadline exceeded", "no such host",
        "server misbehaving", "temporary failure", "network is unreachable", "no route to host", "broken pipe",
        "unexpected http", "http 5", "bad gateway", "service unavailable", "proxyconnect", "stream error",
        "context canceled", "filesystem layer verification failed")
      {
        .interrupted(message.lastLine)
      } else {
        .refused(message.lastLine)
      }
  }
}
