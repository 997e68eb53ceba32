import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraSystem

/// What is shown and kept of what steps say.
struct StepOutputTests {
  private let secret = "abcdefghijklmnopqrst/+123456"

  private func output() -> StepOutput {
    StepOutput(hiding: SecretValues([SecretReference(name: "root", version: 1): secret]))
  }

  @Test func secretsAreReplacedByTheirNamesAlsoInsideAddresses() {
    let output = output()
    #expect(output.add("password \(secret)!") == "password ‹root›!")
    #expect(output.add("http://u:\(secret.percentEncoded)@host") == "http://u:‹root, encoded›@host")
    #expect(!output.text.contains(secret))
  }

  @Test func whatSteersATerminalIsTakenOut() {
    #expect(output().add("\u{1B}[31mred\u{1B}[0m\tand\u{7} back\u{8}") == "red and back")
  }

  @Test func onlyTheEndOfALongTextIsKept() {
    let output = output()
    for number in 0..<10_000 { _ = output.add("line \(number)") }
    #expect(output.text.utf8.count <= (64 << 10) + 100)
    #expect(output.text.hasSuffix("line 9999"))
    #expect(output.text.hasPrefix("("))
    #expect(output.add(String(repeating: "x", count: 100_000)).count == 1001)
  }
}
