import Testing

@testable import DioptraKitCore

/// No form of a secret gets into what is shown.
struct SecretMaskTests {
  private let secrets = DriftSecrets(
    SecretValues([
      SecretReference(name: "key", version: 1): "old+/value==of-the-key",
      SecretReference(name: "key", version: 2): "new+/value==of-the-key",
      SecretReference(name: "pass", version: 1): "AbCdEfGh1234",
      SecretReference(name: "long", version: 1): "AbCdEfGh1234AbCdEfGh1234",
      SecretReference(name: "text of 1f", version: 1): "a whole text of the user's",
    ]))

  @Test(arguments: [
    ("x=AbCdEfGh1234;", "x=‹pass›;"),
    ("AbCdEfGh1234AbCdEfGh1234", "‹long›"),
    ("new+/value==of-the-key", "‹key›"),
    ("old+/value==of-the-key", "‹key, version 1›"),
    ("new%2B%2Fvalue%3D%3Dof-the-key", "‹key, encoded›"),
    ("new%2b%2fvalue%3d%3dof-the-key", "‹key, encoded›"),
    ("new+%2Fvalue==of%2Dthe-key", "‹key, encoded›"),
    ("%6Eew+/value==of-the-key!", "‹key, encoded›!"),
    ("AbCdEfGh123 and %zz and 100%", "AbCdEfGh123 and %zz and 100%"),
    ("a whole text of the user's", "a whole text of the user's"),
  ])
  func everyFormOfAValueBecomesItsName(text: String, shown: String) {
    #expect(SecretMask(secrets).masked(text) == shown)
  }

  @Test func inAPrivateFileTheUsersOwnLinesShowNothingButTheirNames() throws {
    let old = "A=1\nPASS=AbCdEfGh1234\nMINE=before\n"
    let new = "A=2\nPASS=AbCdEfGh1234\nMINE=after\nbare-word\n# note: hunter\n\n"
    let lines = try #require(DriftLines(old: Array(old.utf8), new: Array(new.utf8)))
    let shown = lines.shown(SecretMask(secrets), isPrivate: true, rendered: Array("A=1\nPASS=AbCdEfGh1234\n".utf8))
    #expect(shown.old == "A=1\nPASS=‹pass›\nMINE=‹hidden, as recorded›\n")
    #expect(
      shown.new
        == "A=‹hidden, as on disk›\nPASS=‹pass›\nMINE=‹hidden, as on disk›\n‹hidden, as on disk›\n# note:‹hidden, as on disk›\n\n"
    )
  }

  @Test func whatIsNoTextIsNotShown() {
    #expect(DriftLines(old: [0xFF], new: nil) == nil)
    #expect(DriftLines(old: nil, new: [0x41, 0]) == nil)
    #expect(DriftLines(old: nil, new: []) != nil)
  }
}
