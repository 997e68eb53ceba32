public import DioptraSystem

/// What there is to run a deployment with.
public enum Availability: Sendable {
  /// The error says how the engine is installed.
  case notInstalled(DioptraError)
  /// The engine is there and cannot be used, for a reason that can be fixed.
  case unusable(DioptraError)
  case usable(any Engine)

  /// The engine.
  ///
  /// - Throws: `DioptraError` that says why there is none.
  public var engine: any Engine {
    get throws(DioptraError) {
      switch self {
      case .usable(let engine): return engine
      case .unusable(let error): throw error
      case .notInstalled(let error):
        throw error.with(remedies: error.remedies.map { "\($0), then run the command again" })
      }
    }
  }
}
