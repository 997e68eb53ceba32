import DioptraKitCore

extension VariableType {
  /// How Compose is called: `docker compose`, or the path of a stand-alone binary.
  static let composeCommand = VariableType("command") { value in
    let words = value.split(separator: " ", omittingEmptySubsequences: false)
    let isCommand = words.allSatisfy { word in
      String(word).consists { $0.isASCIIAlphanumeric || "_./+@:=,-".contains($0) }
    }
    guard isCommand, value.first != "-" else {
      return .failure(
        Fault(
          "cannot be \(value.quoted)",
          remedy: "It must be a command such as 'docker compose' or /usr/local/bin/docker-compose, without quotes"))
    }
    return .success(value)
  }
}
