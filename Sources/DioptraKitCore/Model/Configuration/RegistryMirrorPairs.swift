internal import DioptraSystem

extension VariableType {
  /// Mirrors of registries: pairs `REGISTRY=MIRROR` separated by blanks, or nothing. Both sides begin with a registry and
  /// may go on with a path.
  public static let registryMirrors = VariableType("mirrors") { value in
    var pairs: [String] = []
    var known: Set<String> = []
    for pair in value.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) {
      let sides = pair.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2 else {
        return .failure(
          Fault(
            "cannot hold \(pair.quoted)",
            remedy: "It must list pairs such as ghcr.io=mirror.example.org/ghcr, with blanks between them"))
      }
      for side in sides where !side.isRegistryWithPath {
        return .failure(
          Fault(
            "cannot hold \(pair.quoted), because \(side.quoted) does not name a registry",
            remedy: "Write both sides like quay.io or mirror.example.org:5000/quay, without https:// and final slash"))
      }
      guard known.insert(sides[0]).inserted else {
        return .failure(Fault("has two mirrors for \(sides[0].quoted)", remedy: "Keep one of them"))
      }
      pairs.append(pair)
    }
    return .success(pairs.joined(separator: " "))
  }
}

extension String {
  /// Whether it is a registry, alone or with a path: the first part has a dot or a port, or is this host.
  fileprivate var isRegistryWithPath: Bool {
    let host = prefix { $0 != "/" }
    return isImageName && (host.contains(".") || host.contains(":") || host == "localhost")
  }
}

extension YAMLValue {
  /// A mapping of plain values as pairs `NAME=VALUE` separated by blanks; nil for anything else.
  var pairs: String? {
    guard let mapping else { return nil }
    var pairs: [String] = []
    for (key, value) in mapping {
      guard let name = key.string, let text = value.string else { return nil }
      pairs.append("\(name)=\(text)")
    }
    return pairs.joined(separator: " ")
  }
}
