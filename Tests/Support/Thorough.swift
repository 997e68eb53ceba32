import Foundation

/// How much the tests try: little for everyday, all of it with `make test-all`.
package enum Thorough {
  /// Whether also what takes long is tried.
  package static let isOn = ProcessInfo.processInfo.environment["DIOPTRA_TEST_ALL"] == "1"
}
