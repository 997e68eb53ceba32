internal import DioptraModel
internal import DioptraRendering
internal import DioptraSystem

/// How far the fetching of an image has come.
public struct FetchProgress: Equatable, Sendable {
  /// What the engine does at the moment.
  public enum Phase: String, Codable, Equatable, Sendable {
    case connecting
    /// Its layers wait until the engine has fetched those of other images.
    case queued
    case downloading
    case extracting
    /// A pause before another attempt.
    case waiting
  }

  /// What the engine does at the moment.
  public var phase: Phase
  /// Bytes of compressed layers that have come. Layers that the engine had before do not count.
  public var bytes: Int
  /// Bytes of all layers that have to come; nil while a layer's size is unknown.
  public var total: Int?
  /// Bytes that have been extracted; it tells whether there is progress after everything has come.
  public var extracted: Int
  /// Layers that are complete.
  public var layers: Int
  /// Why another attempt is due: `connection reset by peer; trying again in 4 s`. nil for the first one.
  public var note: String?

  /// Nothing has come yet.
  public init(
    phase: Phase = .connecting, bytes: Int = 0, total: Int? = nil, extracted: Int = 0, layers: Int = 0,
    note: String? = nil
  ) {
    self.phase = phase
    self.bytes = bytes
    self.total = total
    self.extracted = extracted
    self.layers = layers
    self.note = note
  }

  /// Whether something came, was extracted or began since an earlier report.
  package func isFurther(than other: FetchProgress) -> Bool {
    phase != other.phase || bytes != other.bytes || extracted != other.extracted || layers != other.layers
  }
}

/// Why an image could not be fetched.
public enum FetchFailure: Error, Equatable, Sendable {
  /// The registry has no such image, or hides it from those who are not logged in.
  case missing
  /// The registry wants a login, or refuses the one that it got.
  case loginNeeded
  /// The registry limits how often images are fetched.
  case rateLimited
  /// The engine's disk is full.
  case spaceInsufficient
  /// The registry has no image for this processor.
  case otherArchitecture
  /// The engine does not trust the registry's certificate.
  case untrusted
  /// The line or the registry failed in a way that may pass.
  case interrupted(String)
  /// Anything else, in the engine's words.
  case refused(String)
}
