/// An image's name, taken apart: registry, repository, and tag or digest.
struct ImageReference: Equatable {
  /// The registry's host, with its port; nil for Docker's own.
  let registry: String?
  /// With the registry, without tag and digest: `quay.io/minio/minio`.
  let name: String
  /// `17`, or `sha256:…`.
  let version: String

  init(_ text: String) {
    var name = Substring(text)
    var version: Substring = "latest"
    if let at = name.firstIndex(of: "@") {
      version = name[name.index(after: at)...]
      name = name[..<at]
    }
    let lastPart = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    if let colon = name[lastPart...].firstIndex(of: ":") {
      // A digest decides, whatever tag stands beside it.
      if version == "latest" { version = name[name.index(after: colon)...] }
      name = name[..<colon]
    }
    let host = name.firstIndex(of: "/").map { name[..<$0] } ?? ""
    let isHost = host.contains(".") || host.contains(":") || host == "localhost"
    registry = isHost && host != "docker.io" ? String(host) : nil
    self.name = String(name)
    self.version = String(version)
  }
}
