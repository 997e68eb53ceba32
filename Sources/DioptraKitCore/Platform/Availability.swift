public import DioptraSystem

/// Whether there is an engine to run a deployment.
public enum Availability: Sendable {
  /// Not installed; the error says how to install it.
  case notInstalled(DioptraError)
  /// Installed but unusable, for a reason that can be fixed.
  case unusable(DioptraError)
  case usable(any Engine)

  /// The engine.
  ///
  /// - Throws: `DioptraError` with the reason if there is none.
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
