import Testing

@testable import DioptraModel
@testable import DioptraSystem

struct ValuesFileTests {
  private static let variables = [
    Variable("tag", .imageTag, default: .value("1"), help: "A tag."),
    Variable("http_port", .port, default: .value("80"), help: "A port.", aliases: ["__http_port"]),
    Variable(
      "s3_image", .image, default: .value("s3:1"), help: "An image.", containerPart: .image(of: "s3"),
      supersededPrefixes: ["old/s3:"]),
    Variable(
      "db_image", .imageName, default: .value("db"), help: "An image.", containerPart: .imageWithoutTag(of: "db")),
    Variable("db_tag", .imageTag, default: .value("17"), help: "A tag.", containerPart: .tag(of: "db")),
    Variable("networks", .networkNames, default: .value("a"), help: "Names.", containerPart: .list(of: "networks")),
  ]

  private func values(_ text: String) throws -> [String: String] {
    let file = try ValuesFile(text: text, name: "answers", variables: Self.variables)
    let accepted = try file.accepted(except: []) { try $0.accept($1) }
    return Dictionary(uniqueKeysWithValues: accepted.map { ($0.key.rawValue, $0.value) })
  }

  @Test func yamlAndJSONAreRead() throws {
    #expect(try values("tag: 2\nhttp_port: 8080\n") == ["tag": "2", "http_port": "8080"])
    #expect(try values(#"{"tag": "2", "__http_port": 8080}"#) == ["tag": "2", "http_port": "8080"])
  }

  @Test func theGeneratorsContextIsUnwrapped() throws {
    let text = #"{"template": "x", "context": {"cookiecutter": {"tag": "2", "_template": "y", "__new": "z"}}}"#
    #expect(try values(text) == ["tag": "2"])
    #expect(try values(#"{"cookiecutter": {"tag": "3"}}"#) == ["tag": "3"])
  }

  @Test func theMappingOfImagesBecomesVariables() throws {
    let text = #"""
      {"__containers": {
        "networks": ["dioptra", "lab"],
        "s3": {"registry": "quay.io", "namespace": "minio", "image": "s3", "tag": "R1"},
        "db": {"registry": "", "namespace": "", "image": "postgres", "tag": "16"}}}
      """#
    #expect(
      try values(text) == [
        "networks": "dioptra lab", "s3_image": "quay.io/minio/s3:R1", "db_image": "postgres", "db_tag": "16",
      ])
  }

  @Test func defaultsOfTheReferenceAreNotChoices() throws {
    #expect(try values(#"{"__containers": {"s3": {"namespace": "old", "image": "s3", "tag": "latest"}}}"#) == [:])
    #expect(try values(#"{"__http_port": "{{ cookiecutter.port }}"}"#) == [:])
  }

  @Test(arguments: [
    ("{", "2:1: did not find expected node content. Correct that line of answers."),
    ("tag: 1\ntag: 2\n", "2:1: 'tag' stands there twice, first on line 1. Correct that line of answers."),
    ("\ntga: 2\n", "2:1: there is no variable 'tga'. Perhaps tag is meant."),
    (#"{"context": {"tga": "2"}}"#, "1:14: there is no variable 'tga'. Perhaps tag is meant."),
    ("tag:\n  - 1\n", "2:3: 'tag' takes one value. Give it one value there, or another with --set tag=VALUE"),
    ("tag: 1\nhttp_port: many\n", "2:12: http_port cannot be 'many'. "),
    (
      "http_port: 81\n__http_port: 82\n",
      "2:1: '__http_port' sets http_port again, to another value than 'http_port' on"
    ),
    (#"{"__containers": {"db": {"image": "a b", "tag": "17"}}}"#, "1:25: db_image cannot be 'a b'"),
    ("tga: 2\ntag: a b\nhttp_port: many\n", "1:1: there is no variable 'tga'"),
    ("http_port: many\ntag: a b\n", "1:12: http_port cannot be 'many'"),
  ])
  func theFirstFaultIsReportedWithItsPosition(text: String, words: String) {
    #expect { try values(text) } throws: { "\($0)".hasPrefix("answers:\(words)") }
  }

  @Test func anInvalidValueSuggestsTheFileAndTheCommandLine() {
    #expect { try values("http_port: many\n") } throws: {
      "\($0)".hasSuffix(", in the file or with --set http_port=VALUE, which wins over it.")
    }
  }

  @Test func theSameValueUnderTwoNamesIsNoFault() throws {
    #expect(try values("http_port: 81\n__http_port: 81\n") == ["http_port": "81"])
  }

  @Test(arguments: ["tag: [1]\nhttp_port: 81\n", "tag: a b\nhttp_port: 81\n", "http_port: 81\n"])
  func overriddenEntriesAreNotChecked(text: String) throws {
    let file = try ValuesFile(text: text, name: "answers", variables: Self.variables)
    let accepted = try file.accepted(except: ["tag"]) { try $0.accept($1) }
    #expect(accepted == ["http_port": "81"])
  }

  @Test(arguments: ["", "- a\n", "{", "tag: [1]\n"])
  func aFileWithoutValidValuesIsRefused(text: String) {
    #expect(throws: DioptraError.self) { try values(text) }
  }
}
