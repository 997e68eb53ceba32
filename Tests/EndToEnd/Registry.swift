import Foundation
import TestSupport

/// A registry of the tests' own (`Rigs/registry.py`), with a line to it that its clients share.
final class Registry {
  /// What it has and does. It reads them again when they change.
  struct Settings: Encodable {
    /// Images that are made up, by name and tag.
    var images: [String: Image] = [:]
    /// Images of the test bed.
    var folder: String?
    /// Bytes a second, over all connections.
    var rate: Int?
    /// Seconds before each answer.
    var latency: Double?
    var login: Login?
    var tls: Certificate?
    var faults: [Fault] = []
    fileprivate(set) var log: String?
  }

  /// An image of noise.
  struct Image: Encodable {
    /// Bytes of each layer.
    var layers: [Int]
    var architecture = "amd64"
  }

  struct Login: Encodable {
    enum Kind: String, Encodable { case basic, bearer }

    var user = "somebody"
    var password = "a-password-of-the-registry"
    var kind = Kind.basic
  }

  struct Certificate: Encodable {
    var certificate: String
    var key: String
  }

  /// What goes wrong with requests whose path holds a regular expression.
  struct Fault: Encodable {
    var path: String
    var status: Int?
    var headers: [String: String]?
    /// The connection ends after so many bytes of an answer.
    var cutAfter: Int?
    /// Nothing more comes after so many bytes of an answer.
    var stallAfter: Int?
    /// How often; always by default.
    var times: Int?
  }

  /// One answer that it gave.
  struct Answer: Decodable {
    let method: String
    let path: String
    let status: Int
    let bytes: Int
    /// Seconds since 1970.
    let begin: Double
    let end: Double
    let range: String?
  }

  let scratch: Scratch
  /// Host and port.
  private(set) var address = ""
  var settings: Settings { didSet { write() } }
  private var program: Companion?

  /// One that another program starts, with the settings in `settingsFile`.
  init(_ settings: Settings) throws {
    scratch = try Scratch()
    self.settings = settings
    self.settings.log = scratch.file("log")
    write()
  }

  /// One that runs on this machine.
  ///
  /// - Parameter host: The address that it listens on. An engine takes what is not at 127.0.0.1 for one with TLS.
  static func start(_ settings: Settings, at host: String = "127.0.0.1") async throws -> Registry {
    let registry = try Registry(settings)
    let scratch = registry.scratch
    registry.program = try await Companion(
      python: "registry.py", portFile: scratch.file("port"), [scratch.file("port"), registry.settingsFile],
      environment: ["REGISTRY_ADDRESS": host])
    registry.address = "\(host):\(try scratch.read("port"))"
    return registry
  }

  var settingsFile: String { scratch.file("settings.json") }

  /// It was started elsewhere, and has written its port.
  func isAt(_ host: String, portFile: String) throws {
    address = "\(host):\(try String(contentsOfFile: portFile, encoding: .utf8))"
  }

  func end() { program?.end() }

  private func write() {
    do {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      try encoder.encode(settings).write(to: URL(filePath: settingsFile), options: .atomic)
    } catch {
      fatalError("the settings of a registry cannot be written: \(error)")
    }
  }

  // MARK: What came

  /// All answers, in the order in which they ended.
  func answers() throws -> [Answer] {
    guard let text = try? scratch.read("log") else { return [] }
    return try text.split(separator: "\n").map { try JSONDecoder().decode(Answer.self, from: Data($0.utf8)) }
  }

  /// The bytes of all answers.
  func bytes() throws -> Int { try answers().reduce(0) { $0 + $1.bytes } }

  /// Nothing that was answered so far counts.
  func forget() { try? FileManager.default.removeItem(atPath: scratch.file("log")) }
}
