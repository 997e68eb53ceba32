internal import DioptraSystem

/// A server's certificate and private key, which the user puts into the folder.
public struct CertificatePair: Codable, Equatable, Sendable {
  /// Who shows the certificate, for people: "the web server".
  public var server: String
  /// The variable that enables TLS; the pair is not needed without it.
  public var switchedBy: VariableName
  /// PEM files, relative to the deployment folder.
  public var certificate: String
  /// The private key without a passphrase, likewise: `ssl/web/server.key`.
  public var key: String
  /// The name or address that clients use for the server; nil if unknown.
  public var name: Text?

  /// A pair that a server needs now: components contribute it only while TLS is enabled.
  public init(_ server: String, switchedBy: VariableName, certificate: String, key: String, name: Text? = nil) {
    self.server = server
    self.switchedBy = switchedBy
    self.certificate = certificate
    self.key = key
    self.name = name
  }
}

extension CertificatePair: Contributed {
  /// What messages call such a value.
  public static let kind = "pair of certificate and key"
  /// The variable that enables TLS, and what the name refers to.
  public var references: [Reference] { [.variable(switchedBy)] + (name?.references ?? []) }
}

extension Contribution {
  /// A server's certificate and key, among the user's files.
  public static func certificatePair(_ value: CertificatePair) -> Self { Self(value) }
}

extension Blueprint {
  /// Every pair that the user must provide, in the order of the components.
  public var certificatePairs: [Owned<CertificatePair>] { self[CertificatePair.self] }
}
