import DioptraKitCore

extension VariableType {
  /// A PostgreSQL tag whose data folder fits the deployment's mount: major version 17 or older, Debian variants.
  static let postgresTag = VariableType("tag") { value in
    let major = value.prefix { $0.isASCIIDigit }
    guard value.isImageTag, let version = Int(major), version >= 10 else {
      return .failure(
        Fault("cannot be \(value.quoted)", remedy: "It must begin with PostgreSQL's major version, such as 17"))
    }
    guard version <= 17 else {
      return .failure(
        Fault(
          "cannot be \(value.quoted): PostgreSQL 18 and newer keep their data in another folder and refuse to start",
          remedy: "Use 17 or older"))
    }
    guard !value.contains("alpine") else {
      return .failure(
        Fault(
          "cannot be \(value.quoted): the Alpine variants run as another user than the one that owns the files",
          remedy: "Use a Debian variant, such as \(version)"))
    }
    return .success(value)
  }
}
