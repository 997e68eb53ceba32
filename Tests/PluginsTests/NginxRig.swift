import Foundation
import TestSupport

/// A running nginx with a rendered configuration, in front of back ends that report what reached them.
///
/// It ends with this process: a program that holds it ends when its standard input does.
final class NginxRig: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// What reached a back end.
  struct Echo: Decodable {
    let service: String
    let number: Int
    let version: String
    let method: String
    let path: String
    let headers: [String]
    let length: Int
  }

  struct Reply {
    let status: Int
    let redirect: String
    let type: String
    let body: String

    func echo() throws -> Echo {
      guard status == 200 else { throw Failure("status \(status): \(body)") }
      return try JSONDecoder().decode(Echo.self, from: Data(body.utf8))
    }
  }

  private static let http = Task { try await NginxRig(.http) }
  private static let https = Task { try await NginxRig(.https) }

  /// The nginx that all tests of a mode share.
  static func shared(_ mode: NginxMode) async throws -> NginxRig {
    try await (mode == .http ? http : https).value
  }

  let mode: NginxMode
  let address: String
  private let folder: Scratch
  private let process = Process()
  private let input = Pipe()

  init(_ mode: NginxMode, _ values: [String: String] = [:], resolving: Bool = true) async throws {
    self.mode = mode
    let prepared = try await NginxFolder(mode, values)
    folder = prepared.scratch
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "\(NginxFolder.rigs)/backends.py", folder.path]
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let block = try await Self.content(of: "block", in: folder, writtenBy: process)
    address = "\(block).1"
    try prepared.write(block: block)
    if resolving { try name(restapi: 10, db: 14) }
    try input.fileHandleForWriting.write(contentsOf: Data("start\n".utf8))
    let complaint = try await Self.content(of: "ready", in: folder, writtenBy: process)
    guard complaint.isEmpty else { throw Failure(complaint) }
  }

  deinit {
    try? input.fileHandleForWriting.close()
  }

  private static func content(of file: String, in folder: Scratch, writtenBy process: Process) async throws -> String {
    for _ in 0..<3000 {
      if let content = try? folder.read(file) { return content }
      guard process.isRunning else { throw Failure("the back ends ended with status \(process.terminationStatus)") }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Failure("the back ends have not written \(file)")
  }

  /// Makes the names of all services known, those of two as given.
  func name(restapi: Int, db: Int, prefix: String = "dioptra-deployment") throws {
    let numbers = ["restapi": restapi, "db": db, "mlflow-tracking": 11, "minio": 12, "dbadmin": 13]
    let text = numbers.map { "\(prefix)-\($0.key) \($0.value)\n" }.joined()
    try Data(text.utf8).write(to: URL(filePath: folder.file("names")), options: .atomic)
  }

  /// Asks a listener as a browser does that was told the published address.
  func ask(_ port: NginxPort, _ path: String, _ options: [String] = []) async throws -> Reply {
    try await ask("\(mode)://dioptra.example.org\(port.suffix)\(path)", at: port.number(mode), options)
  }

  /// - Parameter port: The container's port, whatever the address says.
  func ask(_ url: String, at port: Int, _ options: [String] = []) async throws -> Reply {
    let format = #"\n%{http_code}\n%{redirect_url}\n%{content_type}"#
    let outcome = try await Tool.run(
      "curl",
      ["-ksSg", "--path-as-is", "--noproxy", "*", "--max-time", "100", "--connect-to", "::\(address):\(port)"]
        + ["-w", format] + options + [url])
    var lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count > 3, let status = Int(lines[lines.count - 3]), status >= 200 else {
      throw Failure(outcome.errors)
    }
    let (redirect, type) = (lines[lines.count - 2], lines[lines.count - 1])
    lines.removeLast(3)
    return Reply(status: status, redirect: redirect, type: type, body: lines.joined(separator: "\n"))
  }

  /// Sends a body of the given size, and returns the response.
  func send(_ bytes: Int, to port: NginxPort, _ path: String = "/api/v1/upload") async throws -> Reply {
    let scratch = try Scratch()
    try scratch.write("", to: "body")
    let file = try FileHandle(forWritingTo: URL(filePath: scratch.file("body")))
    try file.truncate(atOffset: UInt64(bytes))
    try file.close()
    return try await ask(port, path, ["-T", scratch.file("body")])
  }

  /// Sends bytes to a port and returns the response, up to `count` bytes or the end of the connection.
  func talk(_ bytes: [UInt8], to port: Int, expecting count: Int = .max) async throws -> [UInt8] {
    let digits = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    let outcome = try await Tool.run(
      "python3", ["\(NginxFolder.rigs)/talk.py", address, "\(port)", "\(count)"], input: digits)
    guard outcome.succeeded else { throw Failure(outcome.errors) }
    let values = outcome.output.utf8.map { $0 > 57 ? $0 - 87 : $0 - 48 }
    return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }
}
