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
      file.segments.map(\.content) == [
        .literal("name="), .variable("project_slug", value: "lab"), .literal(" key=<"),
        .secret(SecretReference(name: "key", version: 3), .plain), .literal(">\n"),
      ])
    let secrets = SecretValues([SecretReference(name: "key", version: 3): "p%s"])
    #expect(try String(decoding: file.bytes(secrets: secrets), as: UTF8.self) == "name=lab key=<p%s>\n")
    #expect(file.masked == "name=lab key=<‹key›>\n")
  }

  @Test func aSecretInAURIIsPercentEncoded() {
    #expect("a/b c'é%".percentEncoded == "a%2Fb%20c%27%C3%A9%25")
    #expect("aZ0-._~".percentEncoded == "aZ0-._~")
  }

  @Test func marksOfSeveralComponentsAreTakenApart() {
    let text = "a\(MarkedText.owner("x"))b\(MarkedText.variable("v", "1"))\(MarkedText.owner("y"))c"
    let segments = MarkedText.segments(of: text, owner: "w")
    #expect(segments.map(\.component) == ["w", "x", "x", "y"])
    #expect(MarkedText.visible(text) == "ab1c")
  }
}
