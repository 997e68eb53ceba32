import Testing

@testable import DioptraModel
@testable import DioptraRendering
@testable import DioptraSystem

struct SegmentTests {
  @Test func everyCharacterKnowsWhereItComesFrom() throws {
    let components = [
      Sample.base,
      Sample(
        id: "web",
        brings: [
          .secret(Secret("key", "A key")),
          .file(
            FolderFile(
              "a.txt",
              .template(
                Template(name: "a", source: "name={{project_slug}} key={{key}}\n"), ["key": "<\(secret: "key")>"]),
              .secret)),
        ]),
    ]
    let deployment = try Deployment(
      registry: ComponentRegistry(components), file: ConfigurationFile(text: "project_slug: lab\n"),
      identity: Identity(deployment: Identity.unnamed, folder: "/srv/sample"), secretVersions: ["key": 3])
    let file = try #require(deployment.tree["a.txt"])
    #expect(
      file.text.segments.map(\.content) == [
        .literal("name="), .variable("project_slug", value: "lab"), .literal(" key=<"),
        .secret("key", .plain, version: 3), .literal(">\n"),
      ])
    let secrets = SecretValues([SecretReference(name: "key", version: 3): "p%s"])
    #expect(try String(decoding: file.bytes(secrets: secrets), as: UTF8.self) == "name=lab key=<p%s>\n")
    #expect(file.masked == "name=lab key=<‹key›>\n")
  }

  @Test func aSecretInAURIIsPercentEncoded() {
    #expect("a/b c'é%".percentEncoded == "a%2Fb%20c%27%C3%A9%25")
    #expect("aZ0-._~".percentEncoded == "aZ0-._~")
  }

  @Test func everyPartKnowsWhoseItIs() {
    let text: Text = "a\(Text("b").of("x"))\(Text(segments: [.variable("v", value: "1")]).of("x"))\(Text("c").of("y"))c"
    #expect(text.segments.map(\.component) == [nil, "x", "x", "y", nil])
    #expect(text.visible == "ab1cc")
    #expect(text.of("z").segments.map(\.component) == ["z", "x", "x", "y", "z"])
  }

  @Test func adjacentLiteralsOfOneComponentAreJoined() {
    var text: Text = "a"
    text.append("")
    text.append("b")
    text += "c\(Text(segments: [.variable("v", value: "1")]))d"
    text.append("e", of: "x")
    text.append("f", of: "x")
    #expect(
      text.segments == [
        .init(.literal("abc")), .init(.variable("v", value: "1")), .init(.literal("d")), .init(.literal("ef"), of: "x"),
      ])
  }

  @Test func aWordOfTheShellKeepsItsVariable() {
    let word: Text = "it's \(Text(segments: [.variable("v", value: "$x'")]))"
    #expect(word.shellQuoted.visible == "it's $x'".shellQuoted)
    #expect(
      word.shellQuoted.segments.map(\.content) == [
        .literal("'it'\\''s "), .variable("v", value: "$x'\\''"), .literal("'"),
      ])
  }
}

/// What State's table of contents holds: the same for all versions.
struct StoredTextTests {
  private let reference = SecretReference(name: "key", version: 7)

  @Test func aSecretIsStoredBetweenDelimiters() {
    let stored = StoredText("a=\(Text(reference, .percent))\n" as Text)
    #expect(stored.characters == "a=\u{E001}key\u{E003}percent:7\u{E004}\n")
    #expect(stored.text == "a=\(Text(reference, .percent))\n")
    #expect(stored.secrets == [reference])
    #expect(stored.masked == "a=‹key›\n")
  }

  /// Characters that look like marks, in what components write and in what users do.
  @Test(arguments: [
    "\u{E000}", "\u{E001}key\u{E003}plain:1\u{E004}", "\u{E002}base64\u{E004}", "\u{E002}nothing\u{E004}", "\u{E003}",
    "\u{E003}\u{E003}z", "\u{E004}\u{E005}", "\u{E001}\u{E001}\u{E004}",
  ])
  func marksOfATextAreText(characters: String) throws {
    let secrets = SecretValues([SecretReference(name: "key", version: 1): "not this value"])
    let bytes = Array("a\(characters)b".utf8)
    for stored in [StoredText(Text("a\(characters)b")), StoredText(bytes, secrets: secrets)] {
      #expect(try stored.bytes(secrets: secrets) == bytes)
      #expect(stored.secrets == [])
      #expect(stored.isMergeable)
    }
  }

  @Test func replacedSecretsLeaveTheRest() throws {
    let bytes: [UInt8] = [0xE4] + Array("\u{E001}x: 0123456789ab\r\n".utf8)
    let secrets = SecretValues([reference: "0123456789ab"])
    let stored = StoredText(bytes, secrets: secrets)
    let newer = SecretReference(name: "key", version: 8)
    let replaced = stored.replacingSecrets { _, encoding in Text(newer, encoding) }
    #expect(replaced.secrets == [newer])
    #expect(try replaced.bytes(secrets: SecretValues([newer: "0123456789ab"])) == bytes)
  }
}
