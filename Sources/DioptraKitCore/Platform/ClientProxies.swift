/// The proxies that the engine's client gives to every container by itself, by its user's settings.
public struct ClientProxies: Equatable, Sendable {
  /// Whose settings these are, in the middle of a sentence.
  public let source: String
  /// The URL of the proxy for unencrypted connections; nil if there is none. It may hold a password.
  public let http: String?
  /// The same for encrypted connections.
  public let https: String?
  /// The same for all others.
  public let other: String?
  /// The hosts that are reached without a proxy.
  public let exceptions: [String]

  /// - Parameters:
  ///   - source: Whose settings these are, in the middle of a sentence.
  ///   - http: The URL of the proxy for unencrypted connections; nil if there is none.
  ///   - https: The same for encrypted connections.
  ///   - other: The same for all others.
  ///   - exceptions: The hosts that are reached without a proxy.
  public init(source: String, http: String?, https: String?, other: String?, exceptions: [String]) {
    self.source = source
    self.http = http
    self.https = https
    self.other = other
    self.exceptions = exceptions
  }
}
