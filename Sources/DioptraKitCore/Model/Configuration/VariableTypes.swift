internal import DioptraSystem

/// The types of a deployment's variables.
extension VariableType {
  /// Free text: one line without control characters, at most 200 characters.
  public static let title = matching("text", "one line of at most 200 visible characters") { value in
    value.count <= 200 && !value.isEmpty && value.isOneVisibleLine && !value.allSatisfy(\.isWhitespace)
  }

  /// `true` or `false`; `yes`, `no`, `on` and `off` are understood, in any case.
  public static let boolean = VariableType("boolean") { value in
    switch value.lowercased() {
    case "true", "yes", "on": .success(on)
    case "false", "no", "off": .success(off)
    default: .failure(Fault("cannot be \(value.quoted)", remedy: "It must be true or false"))
    }
  }

  /// A whole number from 0 to 10,000.
  public static let count = wholeNumber("count", in: 0...10_000)

  /// How many things are done at once, 1 to 32.
  public static let parallelism = wholeNumber("count", in: 1...32)

  /// A TCP port, 1 to 65535.
  public static let port = wholeNumber("port", in: 1...65_535)

  /// One of a few values.
  public static func choice(_ choices: [String]) -> Self {
    Self(
      "choice", choices: choices,
      canonical: matching("choice", "one of " + choices.joined(separator: ", "), choices.contains).canonical)
  }

  /// A prefix for host names: `a`–`z`, `0`–`9` and inner `-`, short enough that the longest host name has at most 63
  /// characters.
  public static let slug = matching(
    "slug", "1 to 43 of the characters a-z, 0-9 and -, with no - at either end"
  ) { value in
    value.consists { $0.isASCIILowercase || $0.isASCIIDigit || $0 == "-" }
      && value.first != "-" && value.last != "-" && value.count <= 63 - longestSuffix.count
  }
  private static let longestSuffix = "-init-dioptra-worker"

  /// A tag of a container image.
  public static let imageTag = matching(
    "tag", "1 to 128 letters, digits, '_', '.' or '-', beginning with a letter, digit or '_'", \.isImageTag)

  /// A registry with an optional path, without a slash at the end, or nothing for images built locally.
  public static let registry = matching(
    "registry", "a registry such as ghcr.io/usnistgov, without a slash at the end, or empty"
  ) { $0.isEmpty || $0.isImageName }

  /// A part of an image's name, or nothing.
  public static let imageNamespace = matching(
    "name", "lower-case letters and digits joined by '.', '_', '-' or '/', or empty"
  ) { $0.isEmpty || $0.isImageName }

  /// An image's name without its tag.
  public static let imageName = matching("image", "an image's name without a tag, such as redis", \.isImageName)

  /// An image's name with a tag or a digest.
  public static let image = matching(
    "image", "an image's name with a tag or a digest, such as redis:7.2.6", \.isImageReference)

  /// Names of systemd mount units separated by spaces, or nothing.
  public static let mountUnits = VariableType("units") { value in
    let units = value.split(separator: " ")
    for unit in units where !String(unit).isMountUnit {
      return .failure(
        Fault(
          "cannot hold \(String(unit).quoted)",
          remedy: "It must list mount units such as data.mount, with blanks between them"))
    }
    return .success(units.joined(separator: " "))
  }

  /// A host's domain name or address, or `_` for any.
  public static let serverName = matching(
    "host", "a host name, an IPv4 address, an IPv6 address in brackets, or _"
  ) { $0 == "_" || $0.isHost }

  /// Hosts with or without a port, separated by commas; `*` for any.
  public static let hostList = matching(
    "hosts", "hosts with or without a port, with commas between them, or *"
  ) { value in
    value == "*"
      || value.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { String($0).isHostWithOptionalPort }
  }

  /// An e-mail address.
  public static let email = matching("e-mail", "an e-mail address such as dioptra@example.com") { value in
    let parts = value.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    return parts.count == 2 && value.count <= 254
      && parts[0].consists { $0.isASCIIAlphanumeric || "._+-".contains($0) }
      && parts[1].contains(".") && parts[1].isHost
  }

  /// An absolute path, or nothing.
  public static let directory = matching(
    "directory",
    "an absolute path without ':', quotes, backslashes and control characters, or empty"
  ) { $0.isEmpty || ($0.first == "/" && $0.isOneVisibleLine && $0.utf8.allSatisfy { !":\"'\\".utf8.contains($0) }) }

  /// A size in bytes, or with a unit: `128m`.
  public static let size = matching("size", "a size such as 128m or 1g") { value in
    quantity(value, units: ["", "k", "m", "g"])
  }

  /// A time in seconds, or with a unit: `300s`.
  public static let duration = matching("duration", "a time such as 300s, 5m or 1h") { value in
    quantity(value, units: ["", "ms", "s", "m", "h", "d"])
  }

  /// A branch or tag of a git repository.
  public static let gitReference = matching("branch", "a git branch or tag such as main or 1.1.0") { value in
    value.consists { $0.isASCIIAlphanumeric || "._/-".contains($0) }
      && !value.contains("..") && !value.contains("//") && !value.hasSuffix(".lock")
      && !"-/.".contains(value.first ?? "-") && !"/.".contains(value.last ?? "/") && value.count <= 200
  }

  /// An unquoted SQL name.
  public static let sqlName = matching("name", "1 to 63 of the characters a-z, 0-9 and _, beginning with a letter") {
    $0.consists { $0.isASCIILowercase || $0.isASCIIDigit || $0 == "_" } && $0.first?.isASCIILowercase == true
      && $0.count <= 63
  }

  /// Names of networks, blanks between them.
  public static let networkNames = VariableType("names") { value in
    let names = value.split(separator: " ").map(String.init)
    guard !names.isEmpty, Set(names).count == names.count, names.allSatisfy(\.isNetworkName) else {
      return .failure(
        Fault(
          "cannot be \(value.quoted)",
          remedy: "It must list different names of a-z, 0-9, '_' and '-', with blanks between them"))
    }
    return .success(names.joined(separator: " "))
  }

  private static func wholeNumber(_ name: String, in range: ClosedRange<Int>) -> Self {
    Self(name) { value in
      guard value.consists(of: \.isASCIIDigit), let number = Int(value), range.contains(number) else {
        return .failure(
          Fault(
            "cannot be \(value.quoted)",
            remedy: "It must be a whole number from \(range.lowerBound) to \(range.upperBound)"))
      }
      return .success(String(number))
    }
  }

  private static func quantity(_ value: String, units: Set<String>) -> Bool {
    let digits = value.prefix { $0.isASCIIDigit }
    return (1...9).contains(digits.count) && units.contains(String(value.dropFirst(digits.count)))
  }
}

extension String {
  fileprivate var isOneVisibleLine: Bool { unicodeScalars.allSatisfy(\.isHarmless) }

  package var isImageTag: Bool {
    consists { $0.isASCIIAlphanumeric || "_.-".contains($0) } && first != "." && first != "-" && count <= 128
  }

  /// Parts joined with `/`; the first may be a host with a port.
  fileprivate var isImageName: Bool {
    let parts = split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    return parts.enumerated().allSatisfy { index, part in
      let name = index == 0 && parts.count > 1 ? part.withoutPort : part
      return name.consists { $0.isASCIILowercase || $0.isASCIIDigit || "._-".contains($0) }
        && name.first?.isASCIIAlphanumeric == true && name.last?.isASCIIAlphanumeric == true
    }
      || (parts.count == 1 && withoutPort != self && withoutPort.isImageName)
  }

  fileprivate var isImageReference: Bool {
    let slash = lastIndex(of: "/") ?? startIndex
    if let at = self[slash...].firstIndex(of: "@") {
      let digest = self[index(after: at)...]
      let named = String(self[..<at])
      return (named.isImageName || named.isImageReference) && digest.hasPrefix("sha256:") && digest.count == 71
        && digest.dropFirst(7).allSatisfy { $0.isASCIIDigit || "a"..."f" ~= $0 }
    }
    guard let colon = self[slash...].lastIndex(of: ":") else { return false }
    return String(self[..<colon]).isImageName && String(self[index(after: colon)...]).isImageTag
  }

  fileprivate var withoutPort: String {
    guard let colon = lastIndex(of: ":"), String(self[index(after: colon)...]).consists(of: \.isASCIIDigit) else {
      return self
    }
    return String(self[..<colon])
  }

  fileprivate var isHost: Bool {
    if NetworkAddress(host: self) != nil { return true }
    let labels = split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    // A name that ends with a number is read as an IPv4 address, which it is not.
    return count <= 253 && labels.last?.consists(of: \.isASCIIDigit) == false
      && labels.allSatisfy { label in
        label.consists { $0.isASCIIAlphanumeric || $0 == "-" } && label.first != "-" && label.last != "-"
          && label.count <= 63
      }
  }

  fileprivate var isHostWithOptionalPort: Bool {
    isHost || (withoutPort != self && withoutPort.isHost)
  }

  fileprivate var isMountUnit: Bool {
    guard hasSuffix(".mount") else { return false }
    let name = dropLast(6).replacing("\\x", with: "")
    return String(name).consists { $0.isASCIIAlphanumeric || ":_.-".contains($0) } && first != "-"
  }

  fileprivate var isNetworkName: Bool {
    consists { $0.isASCIILowercase || $0.isASCIIDigit || "_-".contains($0) } && first?.isASCIIAlphanumeric == true
      && count <= 40
  }
}
