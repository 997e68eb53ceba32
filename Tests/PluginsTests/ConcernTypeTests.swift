import DioptraKitCore
import Testing

@testable import DeploymentPlugin
@testable import PostgresPlugin

/// The types of values that one concern alone knows.
struct ConcernTypeTests {
  @Test(
    arguments: [
      (.postgresTag, ["17", "16.4", "15-bookworm"], ["18", "19beta1", "17-alpine", "latest", "", "alpine3.20"]),
      (
        .composeCommand, ["docker compose", "/usr/local/bin/docker-compose"],
        ["", "a  b", "a;b", "a 'b'", "$x", "a\nb", "-x"]
      ),
    ] as [(VariableType, [String], [String])])
  func aTypeLetsThroughWhatIsSafeAndNothingElse(type: VariableType, good: [String], bad: [String]) {
    let variable = Variable("x", type, default: .value(good[0]), help: "X.")
    for value in good { #expect(throws: Never.self, "\(type.name): \(value)") { try variable.accept(value) } }
    for value in bad {
      #expect(throws: DioptraError.self, "\(type.name): \(value)") { try variable.accept(value) }
    }
  }
}
