import TestSupport
import Testing

struct VersionTests {
  @Test func theVersionIsPrintedAlone() async throws {
    let outcome = try await Tool.run(Tool.dioptra, ["--version"])
    #expect(outcome.status == 0)
    #expect(outcome.output == "0.1.0\n")
  }
}
