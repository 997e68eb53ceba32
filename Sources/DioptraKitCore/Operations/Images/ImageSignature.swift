internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials
internal import Glibc

/// What a verification of an image's signature says.
public enum ImageSignature: Equatable, Sendable {
  case verified
  /// For this reason.
  case failed(String)
  /// The engine knows no digest of it, as of an image that came from a file: there is nothing to ask a registry for.
  case withoutDigest

  /// Whether the image is signed with the key.
  public var isVerified: Bool { self == .verified }
}

extension ImageSignature: Encodable {
  private enum CodingKeys: String, CodingKey {
    case isVerified = "verified", cause
  }

  /// Encodes whether it is verified, and if not, the cause.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(isVerified, forKey: .isVerified)
    try container.encodeIfPresent(cause, forKey: .cause)
  }

  /// Why it is not verified; nil if it is.
  public var cause: String? {
    switch self {
    case .verified: nil
    case .failed(let cause): cause
    case .withoutDigest: "the engine knows no digest of it, since it came from a file"
    }
  }
}

/// Verifies signatures with cosign, which asks the images' registries.
struct ImageSignatures {
  private static let program = "cosign"
  private let key: String

  /// - Parameter key: The absolute path of a public key.
  /// - Throws: `DioptraError` if there is no such file, or cosign is not installed.
  init(key: String) throws {
    guard Caller.inOwnName({ access(key.diskName, R_OK) }) == 0 else {
      throw DioptraError.system("the key \(key) cannot be read", remedy: "Check the path and your permissions")
    }
    guard ExternalCommand(arguments: [Self.program]).isInstalled else {
      throw DioptraError(
        .programFailed, "cosign is not installed, and signatures cannot be verified without it",
        remedy: "Install \(install: Self.program)", "Leave out --key to verify digests only")
    }
    self.key = key
  }

  /// - Parameter facts: nil for an image that is missing.
  func signature(of image: String, _ facts: ImageFacts?) async throws -> ImageSignature {
    guard let facts else { return .failed("the engine does not have it") }
    guard let name = Self.digest(of: image, among: facts.digests) else { return .withoutDigest }
    let outcome = try await ExternalCommand(arguments: [Self.program, "verify", "--key", key, name]).outcome()
    return outcome.succeeded ? .verified : .failed(outcome.errors.lastLine.withoutTerminalCodes)
  }

  /// The digest in the registry that the image's name means; an image may have others.
  private static func digest(of image: String, among digests: [String]) -> String? {
    if image.contains("@") { return image }
    let slash = image.lastIndex(of: "/") ?? image.startIndex
    let bare = image[slash...].lastIndex(of: ":").map { image[..<$0] } ?? image[...]
    return digests.first { $0.hasPrefix("\(bare)@") }
  }
}
