import DioptraKitCore
import Foundation
import TestSupport
import Testing
import Yams

/// Values that people may choose and that some reader of YAML takes for a number, a date or a truth.
struct YAMLReadersTests {
  private static let hostile = [
    [:],
    ["project_slug": "1e3", "networks": "on null 0x1f"],
    ["project_slug": "null", "networks": "yes no y n true off"],
    ["project_slug": "2024-01-01", "networks": "2024-01-01 007 1_000"],
    ["project_slug": "0x1f", "networks": "0b11 0o17 1e3", "num_tensorflow_gpu_workers": "2"],
    ["db_admin_username": "yes", "db_admin_database": "null"],
    ["db_admin_username": "n", "db_admin_database": "off"],
    ["redis_image": "1:2", "mc_image": "12:34", "container_registry": "", "container_namespace": ""],
    ["restapi_http_port": "12", "restapi_https_port": "34", "db_port": "56", "enable_nginx_ssl": "true"],
    ["datasets_directory": "/data #{a}[b]*&!%@`|> "],
  ]

  @Test(arguments: hostile, ["docker-compose.yml", "docker-compose.init.yml"])
  func onlyRetriesAndDevicesAreNumbersToYams(values: [String: String], file: String) throws {
    let scalars = try Scalar.all(in: text(of: file, values))
    let numbers = scalars.filter { $0.type != "str" }
    #expect(numbers.allSatisfy { $0.type == "int" && Scalar.numbers.contains($0.path.last ?? "") }, "\(numbers)")
  }

  @Test(.needsPyYAML, arguments: hostile, ["docker-compose.yml", "docker-compose.init.yml"])
  func pyYAMLSeesWhatYamsSees(values: [String: String], file: String) async throws {
    let text = try text(of: file, values)
    let outcome = try await Tool.run("python3", ["-c", Scalar.pythonReader], input: text)
    #expect(outcome.errors == "")
    #expect(try JSONDecoder().decode([Scalar].self, from: Data(outcome.output.utf8)) == Scalar.all(in: text))
  }

  @Test(
    .needsCompose,
    arguments: [
      "/data", "/data sets", "/data ", "/ data", "/~", "/yes", "/#data", "/a #b", "/{a}", "/[b]", "/*x", "/&x",
      "/!x", "/%x", "/@x", "/`x`", "/- x", "/$HOME", "/${HOME}", "/$$", "/$", "/${", "/$\u{301}", "/{{slug}}",
      "/ä/漢字/😀",
      "/e\u{301}", "/q\u{301}",
    ])
  func aDirectoryOfDataReachesComposeUnchanged(path: String) async throws {
    let folder = try RenderedFolder(["datasets_directory": path])
    let project = try await Compose.project(["docker-compose.yml"], in: folder.path)
    let mounts = project.services["dioptra-deployment-tfcpu-01"]?.volumes ?? []
    #expect(mounts.map(\.source).last == path)
  }

  @Test(arguments: [
    ("datasets_directory", "/data:\u{301}x"), ("datasets_directory", "/data\"\u{301}x"),
    ("datasets_directory", "/data'\u{301}x"), ("datasets_directory", "/data\\\u{301}x"), ("project_slug", "q\u{301}"),
    ("project_slug", "a1\u{301}b"), ("container_tag", "q\u{301}"), ("networks", "q\u{301}"),
    ("db_admin_username", "q\u{301}"),
  ])
  func anAccentDoesNotHideACharacterThatIsNotAllowed(variable: String, value: String) {
    #expect(throws: DioptraError.self) { try RenderedFolder.deployment([variable: value]) }
  }

  private func text(of file: String, _ values: [String: String]) throws -> String {
    try #require(try RenderedFolder.deployment(values).tree[file]).masked
  }
}

/// A scalar of a document, keys too, with the type that a reader gives it.
private struct Scalar: Codable, Equatable {
  /// The keys and positions that lead to it.
  var path: [String]
  var type: String
  var value: String

  static let numbers: Set = ["retries", "NVIDIA_VISIBLE_DEVICES"]

  static func all(in text: String) throws -> [Scalar] {
    try Yams.compose(yaml: text).map { all(in: $0, at: []) } ?? []
  }

  private static func all(in node: Node, at path: [String]) -> [Scalar] {
    switch node {
    case .mapping(let mapping):
      mapping.flatMap { key, value in
        all(in: key, at: path + ["key"]) + all(in: value, at: path + [key.string ?? ""])
      }
    case .sequence(let sequence): sequence.enumerated().flatMap { all(in: $1, at: path + ["\($0)"]) }
    default:
      [
        Scalar(
          path: path, type: node.tag.description.split(separator: ":").last.map(String.init) ?? "",
          value: node.string ?? "")
      ]
    }
  }

  /// The same with PyYAML, a reader of YAML 1.1.
  static let pythonReader = """
    import json, sys, yaml

    def scalars(node, path):
        if isinstance(node, dict):
            for key, value in node.items():
                yield from scalars(key, path + ["key"])
                yield from scalars(value, path + [str(key)])
        elif isinstance(node, list):
            for index, value in enumerate(node):
                yield from scalars(value, path + [str(index)])
        else:
            yield {"path": path, "type": type(node).__name__, "value": str(node)}

    print(json.dumps(list(scalars(yaml.safe_load(sys.stdin), []))))
    """
}

extension Trait where Self == ConditionTrait {
  /// Skips the test where Python has no PyYAML; never in CI.
  fileprivate static var needsPyYAML: Self {
    .enabled("PyYAML is not installed; .ci/prepare installs it") {
      if Tool.isStrict { return true }
      return (try? await Tool.run("python3", ["-c", "import yaml"]))?.succeeded == true
    }
  }
}
