import DioptraKitCore
import Testing

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
    if let fault = file.faults.first { throw fault.error }
    return file.values
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

  @Test func anotherUnknownNameIsRefused() {
    #expect { try values("tga: 2\n") } throws: { "\($0)".contains("Perhaps tag is meant") }
  }

  @Test func problemsAreReportedWithARemedy() throws {
    let file = try ValuesFile(text: "tag: [1]\nhttp_port: 81\n", name: "answers", variables: Self.variables)
    #expect(file.values == ["http_port": "81"])
    let fault = try #require(file.faults.first)
    #expect(fault.name == "tag")
    #expect("\(fault.error)".contains("answers has no single value for 'tag'"))
    #expect("\(fault.error)".contains("--set tag=VALUE"))
  }

  @Test(arguments: ["", "- a\n", "{", "tag: [1]\n"])
  func whatIsNoSetOfValuesIsRefused(text: String) {
    #expect(throws: DioptraError.self) { try values(text) }
  }
}
