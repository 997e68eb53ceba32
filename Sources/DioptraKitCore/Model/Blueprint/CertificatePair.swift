internal import DioptraSystem

/// A server's certificate and private key, which the user puts into the folder.
public struct CertificatePair: Codable, Equatable, Sendable {
  /// Who shows the certificate, for people: "the web server".
  public var server: String
  /// The variable that enables TLS; the pair is not needed without it.
  public var switchedBy: VariableName
  /// PEM files, relative to the deployment folder.
  public var certificate: String
  public var key: String
  /// The name or address that clients use for the server; nil if unknown.
  public var name: Text?

  public init(_ server: String, switchedBy: VariableName, certificate: String, key: String, name: Text? = nil) {
    self.server = server
    self.switchedBy = switchedBy
    self.certificate = certificate
    self.key = key
    self.name = name
  }
}

extension CertificatePair: Contributed {
  public static let kind = "pair of certificate and key"
  public var references: [Reference] { [.variable(switchedBy)] + (name?.references ?? []) }
}

extension Contribution {
  /// A server's certificate and key, among the user's files.
  public static func certificatePair(_ value: CertificatePair) -> Self { Self(value) }
}

extension Blueprint {
  public var certificatePairs: [Owned<CertificatePair>] { self[CertificatePair.self] }
}
