import Foundation
import TestSupport
import Testing

/// Random bytes in every text file, and files with random names, through all that is done to a deployment's files.
struct AnyBytesTests {
  private static let rounds = 3
  private static let namesInEachFolder = 3

  private let shell: Shell
  private var folder: String { shell.scratch.file("lab") }

  init() async throws {
    shell = try Shell()
    let outcome = try await shell.dioptra("init", "lab", "--no-input", "--render-only")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(arguments: 1...rounds)
  func contentsAndNamesOfAnyBytesAreKeptExactly(round: Int) async throws {
    let seed = UInt64(20_261_128 + round)
    print("any bytes, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    // Each text file gets a last line of the user's; to YAML and settings their readers set limits.
    let texts = try shell.scratch.files(below: "lab").keys.sorted().filter { path in
      !path.hasPrefix(".dioptra/") && !path.hasPrefix("secrets/") && path != "dioptra.yaml" && path != ".env"
    }
    var added: [String: [UInt8]] = [:]
    for path in texts {
      let line = Array("# ".utf8) + Self.bytes(upTo: 60, path.hasSuffix(".yml"), &generator) + [0x0A]
      added[path] = line
      try Self.write(Self.read(Array(path.utf8), in: folder) + line, to: Array(path.utf8), in: folder)
    }
    var own: [[UInt8]: [UInt8]] = [:]
    for place in ["config", "scripts", "systemd", "config/nginx"] {
      for _ in 0..<Self.namesInEachFolder {
        let path = Array("\(place)/".utf8) + Self.name(&generator)
        own[path] = Self.bytes(upTo: 200, false, &generator)
      }
    }
    for (path, content) in own { try Self.write(content, to: path, in: folder) }

    // A change of files that were edited is merged.
    try await expect(
      "init", "-C", "lab", "--no-input", "--render-only", "--set", "nginx_proxy_read_timeout=\(300 + round)s", "--set",
      "deployment_name=Lab \(round)", "--conflict", "ours")
    try expectAll(added, own, "merging, seed \(seed)")
    // What is there is recorded.
    let accepted = try await shell.dioptra("drift", "--accept", ".", "--json", in: "lab")
    try #require(accepted.status == 0, "seed \(seed): \(accepted.output)\(accepted.errors)")
    try expectAll(added, own, "accepting, seed \(seed)")
    // What was recorded is put back, byte for byte.
    for path in own.keys where Bool.random(using: &generator) { try Self.write([0x78], to: path, in: folder) }
    for path in own.keys where Bool.random(using: &generator) { try Self.remove(path, in: folder) }
    for path in texts where Bool.random(using: &generator) {
      try Self.write([0x79, 0xFF], to: Array(path.utf8), in: folder)
    }
    try await expect("drift", "-C", "lab", "--repair", "--no-input")
    try expectAll(added, own, "putting back, seed \(seed)")
    // The way back takes the user's lines along.
    try await expect("rollback", "1", "-C", "lab", "--conflict", "ours")
    try expectAll(added, own, "going back, seed \(seed)")
    let drift = try await shell.dioptra("drift", "-C", "lab")
    #expect(drift.status == 0, "seed \(seed): \(drift.output)")
  }

  private func expect(_ words: String...) async throws {
    let outcome = try await Tool.run(
      Tool.dioptra, words, environment: ["HOME": shell.scratch.path], in: shell.scratch.path)
    try #require(outcome.status == 0, "\(words): \(outcome.output)\(outcome.errors)")
  }

  private func expectAll(_ added: [String: [UInt8]], _ own: [[UInt8]: [UInt8]], _ when: String) throws {
    for (path, line) in added {
      #expect(
        try Self.read(Array(path.utf8), in: folder).suffix(line.count).elementsEqual(line), "\(path) after \(when)")
    }
    for (path, content) in own { #expect(try Self.read(path, in: folder) == content, "\(path) after \(when)") }
  }

  // MARK: Bytes

  /// Bytes that are no zero and end no line.
  private static func bytes(
    upTo limit: Int, _ isPrintable: Bool, _ generator: inout SeededGenerator
  ) -> [UInt8] {
    (0..<Int.random(in: 1...limit, using: &generator)).map { _ in
      var byte: UInt8
      repeat { byte = UInt8.random(in: isPrintable ? 0x20...0x7E : 1...255, using: &generator) } while byte == 0x0A
      return byte
    } + (isPrintable ? [] : [UInt8](repeating: 0x21, count: 1))
  }

  private static func name(_ generator: inout SeededGenerator) -> [UInt8] {
    (0..<Int.random(in: 3...40, using: &generator)).map { _ in
      var byte: UInt8
      repeat { byte = UInt8.random(in: 1...255, using: &generator) } while byte == UInt8(ascii: "/")
      return byte
    }
  }

  private static func path(_ path: [UInt8], in folder: String) -> [CChar] {
    Array("\(folder)/".utf8).map { CChar(bitPattern: $0) } + path.map { CChar(bitPattern: $0) } + [0]
  }

  private static func read(_ path: [UInt8], in folder: String) throws -> [UInt8] {
    let file = try #require(fopen(Self.path(path, in: folder), "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte >= 0 { bytes.append(UInt8(byte)) }
    return bytes
  }

  private static func write(_ bytes: [UInt8], to path: [UInt8], in folder: String) throws {
    let file = try #require(fopen(Self.path(path, in: folder), "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  private static func remove(_ path: [UInt8], in folder: String) throws {
    try #require(unlink(Self.path(path, in: folder)) == 0)
  }
}
