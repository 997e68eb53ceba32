import Foundation
import Testing

@testable import DioptraModel
@testable import DioptraOperations

/// No form of a secret gets into what is shown.
struct SecretMaskTests {
  private let secrets = SecretValues(
    [
      SecretReference(name: "key", version: 1): "old+/value==of-the-key",
      SecretReference(name: "key", version: 2): "new+/value==of-the-key",
      SecretReference(name: "pass", version: 1): "AbCdEfGh1234",
      SecretReference(name: "long", version: 1): "AbCdEfGh1234AbCdEfGh1234",
      SecretReference(name: "text of 1f", version: 1): "a whole text of the user's",
      SecretReference(name: "short", version: 1): "s'c$e\\ t",
    ])

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

  /// Forms that programs give to a value, each made by another rule than the mask's own.
  @Test func noFormThatProgramsGiveToAValueIsShown() throws {
    let value = "AbCdEfGh1234"
    for before in ["", "a", "ab", "abc", "user:"] {
      for after in ["", "z", "zz", "zzz"] {
        let encoded = Data((before + value + after).utf8).base64EncodedString()
        let shown = SecretMask(secrets).masked("Basic \(encoded).")
        #expect(shown.contains("‹pass, encoded›"), "\(encoded) is shown as \(shown)")
      }
    }
    let digits = value.utf8.map { String($0, radix: 16) }
    let unicode = digits.map { "\\u00\($0)" }.joined()
    let twice = value.utf8.map { "%25\(String($0, radix: 16))" }.joined()
    let thrice = value.utf8.map { "%2525\(String($0, radix: 16))" }.joined()
    let octal = value.utf8.map { "\\" + String(Int($0) + 0o1000, radix: 8).suffix(3) }.joined()
    let hexadecimal = digits.map { "\\x\($0)" }.joined()
    for form in [digits.joined(), digits.joined().uppercased(), unicode, twice, thrice, octal, hexadecimal] {
      #expect(SecretMask(secrets).masked("<\(form)>") == "<‹pass, encoded›>", "\(form)")
    }
    #expect(SecretMask(secrets).masked("AbCdEfGh1234\u{301}") == "‹pass›\u{301}")
    #expect(SecretMask(secrets).masked("AbCdEfGh1234\u{200D}x") == "‹pass›\u{200D}x")
  }

  @Test(arguments: [
    #"s'c$e\ t"#, #"'s'\''c$e\ t'"#, #"'s'"'"'c$e\ t'"#, #""s'c\$e\\ t""#, #"s''c$$e\ t"#, #"s\'c\$e\\\ t"#,
    "s%27c%24e%5C+t",
  ])
  func aShortValueIsHiddenHoweverItIsQuoted(form: String) {
    let shown = SecretMask(secrets).masked(form)
    #expect(shown.contains("‹short") && !shown.contains("$e"), "\(form) is shown as \(shown)")
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
    #expect(DriftLines(old: [0xFF], new: nil) != nil)
    #expect(DriftLines(old: nil, new: [0x41, 0]) == nil)
    #expect(DriftLines(old: nil, new: []) != nil)
  }
}
