import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState

struct RecordedCommandTests {
  private let secrets = SecretValues([
    SecretReference(name: "db_password", version: 1): "kJ8sQ2mZx0PqL4vT/7",
    SecretReference(name: "old_password", version: 1): "apple",
  ])

  @Test(arguments: [
    (["dioptra", "init", "lab", "--set", "num_workers=2"], "dioptra init lab --set num_workers=2"),
    (["dioptra", "init", "--set", "deployment_name=AI lab"], "dioptra init --set 'deployment_name=AI lab'"),
    (["dioptra", "x", "it's", ""], "dioptra x \"it's\" ''"),
    (["dioptra", "a\nb\u{1B}[2J'"], "dioptra $'a\\nb\\x1b[2J\\''"),
    (["dioptra", "init", "--set", "admin_password=geheim"], "dioptra init --set admin_password=‹hidden›"),
    (["dioptra", "init", "--set=admin_password=ge=heim"], "dioptra init --set=admin_password=‹hidden›"),
    (["dioptra", "config", "set", "api_token=x", "a=b"], "dioptra config set api_token=‹hidden› a=b"),
    (["dioptra", "backup", "--passphrase", "open sesame", "-q"], "dioptra backup --passphrase ‹hidden› -q"),
    (["dioptra", "backup", "--passphrase=open sesame"], "dioptra backup --passphrase=‹hidden›"),
    (["dioptra", "backup", "--passphrase-file", "/etc/key"], "dioptra backup --passphrase-file /etc/key"),
    (["dioptra", "x", "--url", "https://me:pw@host/x"], "dioptra x --url https://‹hidden›@host/x"),
    (["dioptra", "init", "--set", "http_proxy=me:pw@host"], "dioptra init --set http_proxy=‹hidden›@host"),
    (
      ["dioptra", "init", "--set=https_proxy=http://u:p/q@r=s@host"],
      "dioptra init --set=https_proxy=http://‹hidden›@host"
    ),
    (["dioptra", "init", "--set", "http_proxy=http://me:${P}@h"], "dioptra init --set 'http_proxy=http://me:${P}@h'"),
    (["dioptra", "x", "branch=kJ8sQ2mZx0PqL4vT/7"], "dioptra x branch=‹db_password›"),
    (["dioptra", "x", "say:kJ8sQ2mZx0PqL4vT%2F7!"], "dioptra x 'say:‹db_password, encoded›!'"),
    (["dioptra", "x", "name=apple", "apple"], "dioptra x name=‹old_password› ‹old_password›"),
    (["dioptra", "x", "an apple tree"], "dioptra x 'an apple tree'"),
  ])
  func aCommandLineIsKeptWithoutWhatIsSecret(words: [String], text: String) {
    #expect(RecordedCommand(words, hiding: secrets).text == text)
  }

  /// The judge is bash: it takes the words as they were.
  @Test(.needs("bash")) func bashReadsTheSameWords() async throws {
    let words = [
      "a b", "", "it's", "\"x\" $HOME `id` \\ !", "tab\there", "line\nfeed", "é", "a=b c", "\u{1B}[1m", "*", "~",
    ]
    let text = RecordedCommand(words).text
    let outcome = try await Tool.run("bash", ["-c", "printf '%s\\0' \(text)"])
    #expect(outcome.output == words.map { $0 + "\0" }.joined())
  }
}
