import DioptraKitCore
import FoundationEssentials
import SwiftASN1
import X509

/// Whether every server certificate is usable: readable, with a matching key, currently valid, for the right name.
struct CertificateCheck: DoctorCheck {
  let title = "certificates"
  let isGuard = true
  let appearsInStatus = true

  private static let warningDays = 30

  func findings(in context: CheckContext) throws -> [CheckFinding] {
    try context.blueprint.certificatePairs.map { try finding(of: $0.value, in: context) }
  }

  private func finding(of pair: CertificatePair, in context: CheckContext) throws -> CheckFinding {
    do {
      let certificate = try read(pair.certificate, of: pair, in: context) { try Certificate(pemEncoded: $0) }
      let key = try read(pair.key, of: pair, in: context) { try Certificate.PrivateKey(pemEncoded: $0) }
      guard certificate.publicKey == key.publicKey else {
        throw Unusable(
          state: "\(pair.key) does not belong to \(pair.certificate)",
          remedy: "Install a matching pair")
      }
      return try judge(certificate, pair, in: context)
    } catch let unusable as Unusable {
      return .error(unusable.state, remedy: unusable.remedy)
    }
  }

  private struct Unusable: Error {
    let state: String
    let remedy: Remedy
  }

  private func read<Value>(
    _ path: String, of pair: CertificatePair, in context: CheckContext, _ parse: (String) throws -> Value
  ) throws -> Value {
    guard case .file? = try context.folder.entry(path), let bytes = try context.folder.read(path) else {
      throw Unusable(
        state: "\(pair.server) needs \(path), which is missing",
        remedy:
          "Put it there, or do without: \(dioptra: "config", "set", "\(pair.switchedBy)=false"), then \(dioptra: "init")"
      )
    }
    do {
      return try parse(String(decoding: bytes, as: UTF8.self))
    } catch {
      throw Unusable(
        state:
          "\(path) cannot be used: it is not the PEM form of \(path == pair.key ? "an unencrypted key" : "a certificate")",
        remedy: "Replace it with a PEM file")
    }
  }

  private func judge(_ certificate: Certificate, _ pair: CertificatePair, in context: CheckContext) throws
    -> CheckFinding
  {
    let now = Date(timeIntervalSince1970: Double(context.now.seconds))
    let end = Timestamp(seconds: Int(certificate.notValidAfter.timeIntervalSince1970))
    if certificate.notValidBefore > now {
      return .error("\(pair.certificate) is not valid yet", remedy: "Check the clock, or install another certificate")
    }
    if certificate.notValidAfter < now {
      return .error("\(pair.certificate) expired on \(end.day)", remedy: "Install a new certificate and its key")
    }
    if let name = try pair.name.map(context.plainText), try !covers(certificate, name) {
      return .warning(
        "\(pair.certificate) is not valid for \(name)", remedy: "Install one that names it, or browsers will warn")
    }
    let days = (end.seconds - context.now.seconds) / 86_400
    if days < Self.warningDays {
      return .warning("\(pair.certificate) expires on \(end.day)", remedy: "Install a new certificate and its key")
    }
    return .ok("\(pair.certificate) of \(pair.server) is valid until \(end.day)")
  }

  /// Whether a certificate is valid for a host, according to its subject alternative names; the common name is ignored
  /// (RFC 9525). Addresses are compared as addresses, however they are written.
  private func covers(_ certificate: Certificate, _ host: String) throws -> Bool {
    let address = NetworkAddress(host: host)
    return try certificate.extensions.subjectAlternativeNames?.contains { name in
      switch name {
      case .dnsName(let name): address == nil && name.covers(host)
      case .ipAddress(let bytes): address == NetworkAddress(bytes: Array(bytes.bytes))
      default: false
      }
    } ?? false
  }
}

extension String {
  /// Whether a name in a certificate, possibly with `*` as its first label, matches a host's name.
  fileprivate func covers(_ host: String) -> Bool {
    let own = lowercased().withoutFinalDot
    let host = host.lowercased().withoutFinalDot
    guard own.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return own == host }
    return host[dot...] == own.dropFirst()
  }

  /// A name from the root on is the same name.
  private var withoutFinalDot: String { hasSuffix(".") ? String(dropLast()) : self }
}
