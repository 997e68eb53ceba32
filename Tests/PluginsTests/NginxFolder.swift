import DioptraKitCore
import Foundation
import Plugins
import TestSupport

/// Which of the two sets of files nginx reads.
enum NginxMode: String, CaseIterable {
  case http, https

  var values: [String: String] { ["enable_nginx_ssl": self == .https ? "true" : "false"] }
}

/// The listeners of the proxy. The front page's published port is the browser's default.
enum NginxPort: Int, CaseIterable {
  case front = 30080
  case mlflow = 35000
  case dbadmin = 35050
  case minio = 39000
  case console = 39001

  func number(_ mode: NginxMode) -> Int { self == .front && mode == .https ? 30443 : rawValue }
  var suffix: String { self == .front ? "" : ":\(rawValue)" }
}

/// A folder with the rendered configuration, its paths and addresses brought into reach of a test.
struct NginxFolder {
  /// How nginx resolves addresses: again after ten seconds.
  private static let resolver = "resolver 127.0.0.11 valid=10s ipv6=off;"
  static let rigs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Rigs/nginx").path()

  let scratch: Scratch
  private let mode: NginxMode
  private let rendered: RenderedFolder

  init(
    _ mode: NginxMode, _ values: [String: String] = [:], disabled: Set<ComponentID> = [],
    components: [any Component] = ReferenceDeployment.components
  ) async throws {
    self.mode = mode
    scratch = try Scratch()
    rendered = try RenderedFolder(mode.values.merging(values) { $1 }, disabled: disabled, components: components)
    if mode == .https {
      let pair = try await Self.certificate.value
      try scratch.write(pair.certificate, to: "server.crt")
      try scratch.write(pair.key, to: "server.key")
    }
    try scratch.write("the front page", to: "frontend/index.html")
    try scratch.write("console.log('an asset')", to: "frontend/assets/app.js")
    try scratch.write("", to: "temp/placeholder")
  }

  /// The files that the mode installs, as rendered.
  var files: [String: String] {
    get throws {
      let folder = "config/nginx"
      let names = try rendered.scratch.files(below: folder).keys.filter {
        $0.hasPrefix("\(mode)_") || $0.hasPrefix("stream_")
      }
      return try Dictionary(uniqueKeysWithValues: names.map { ($0, try rendered.scratch.read("\(folder)/\($0)")) })
    }
  }

  /// Writes the main file and the installed ones for nginx at `block.1` with the name server at `block.2`.
  func write(block: String) throws {
    let files = try files
    guard files.values.count(where: { $0.contains(Self.resolver) }) == 2 else {
      throw NginxRig.Failure("servers and streams must say '\(Self.resolver)'")
    }
    for (name, text) in files {
      try scratch.write(moved(text, block), to: "conf.d/\(name)")
    }
    let main = try String(contentsOfFile: "\(Self.rigs)/nginx.conf", encoding: .utf8)
    try scratch.write(moved(main, block), to: "nginx.conf")
  }

  private func moved(_ text: String, _ block: String) -> String {
    [
      (Self.resolver, "resolver \(block).2:10053 valid=1s ipv6=off;"),
      ("root /frontend;", "root \(scratch.path)/frontend;"),
      (" /etc/ssl/", " \(scratch.path)/"), (" /etc/nginx/conf.d/", " \(scratch.path)/conf.d/"),
      (" /dev/stdout", " \(scratch.path)/nginx.log"), (" /dev/stderr", " \(scratch.path)/nginx.log"),
      (" /tmp/nginx.pid", " \(scratch.path)/nginx.pid"), (" /var/lib/nginx/", " \(scratch.path)/temp/"),
    ]
    .reduce(text) { $0.replacing($1.0, with: $1.1) }
    .replacing(#/listen (\d+)/#) { "listen \(block).1:\($0.1)" }
  }

  /// What nginx itself says about the configuration.
  func check() async throws -> Tool.Outcome {
    try write(block: "127.78.\(Int.random(in: 1...254))")
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
    return try await Tool.run(
      "env", ["PATH=\(path)", "nginx", "-t", "-p", scratch.path, "-c", scratch.file("nginx.conf")])
  }

  private static let certificate = Task {
    let scratch = try Scratch()
    let (certificate, key) = ("server.crt", "server.key")
    let outcome = try await Tool.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=dioptra.example.org",
        "-keyout", scratch.file(key), "-out", scratch.file(certificate),
      ])
    guard outcome.succeeded else { throw NginxRig.Failure(outcome.errors) }
    return (certificate: try scratch.read(certificate), key: try scratch.read(key))
  }
}
