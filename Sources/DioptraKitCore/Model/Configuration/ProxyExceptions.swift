internal import DioptraSystem

extension VariableType {
  /// What `NO_PROXY` may list: host and domain names, addresses and networks, separated by commas; or nothing.
  public static let proxyExceptions = VariableType("hosts without proxy") { value in
    let hosts = value.split { $0 == "," || $0 == " " }.map(String.init)
    for host in hosts where !host.consists(of: { $0.isASCIIAlphanumeric || ".-_:/[]*".contains($0) }) {
      return .failure(
        Fault(
          "cannot hold \(host.quoted)", remedy: "It must list hosts such as .example.org or 10.0.0.0/8, with commas"))
    }
    return .success(hosts.joined(separator: ","))
  }
}
