import Foundation
import TestSupport
import Testing

/// The built program, a real Docker engine, and one deployment that all tests share, one test after the other.
///
/// Each test brings the deployment to where it begins (`Stage.up`, `Stage.stopped`), so that any of them runs alone.
/// `make e2e` starts the engine; without it they are skipped, but never in CI.
@Suite(.serialized, .enabled(if: Tool.isStrict || Engine.address != nil, "there is no engine: run `make e2e`"))
struct EndToEnd {}

/// The engine of the test bed.
enum Engine {
  /// The address of its socket, as Docker's command line takes it.
  static let address = ProcessInfo.processInfo.environment["DIOPTRA_TEST_ENGINE"]

  /// What programs need to reach it.
  ///
  /// Docker's client has a proxy in its settings that does not answer, and hands it to every container: nothing inside a
  /// deployment uses one.
  static var environment: [String: String] {
    [
      "DOCKER_HOST": address ?? "unix:///nowhere",
      "DOCKER_CONFIG": ClientSettings.deadProxy,
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    ]
  }
}

/// A measured figure, for readers of the output.
func figure(_ name: String, _ value: String) {
  print("FIGURE \(name): \(value)")
}

/// A measured figure with a bound. Ratios of what one run measures hold on any machine; a bound leaves room for noise.
func limit(
  _ name: String, _ ratio: Double, atMost bound: Double, _ location: SourceLocation = #_sourceLocation
) {
  figure("\(name) (at most \(String(format: "%.2f", bound)))", String(format: "%.2f", ratio))
  #expect(ratio <= bound, "\(name)", sourceLocation: location)
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
  var text: String { String(format: "%.1f s", seconds) }
}
