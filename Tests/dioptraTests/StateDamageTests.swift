import Foundation
import TestSupport
import Testing

/// Whatever happens to `state.db`, no command crashes, writes new secrets, or leaves the user without a remedy.
struct StateDamageTests {
  private static let rounds = 24
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input")
    // A copy at another path would be refused as one.
    try FileManager.default.moveItem(atPath: scratch.file("lab"), toPath: scratch.file("good"))
  }

  @Test func everyDamageHasARemedyThatWorks() async throws {
    let seed = UInt64.random(in: 1...1_000_000)
    print("damaged State, seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let original = try Data(contentsOf: URL(filePath: scratch.file("good/.dioptra/state.db")))
    let secrets = try scratch.read("good/.env")
    for round in 1...Self.rounds {
      let place = Comment(rawValue: "seed \(seed), round \(round)")
      let lab = scratch.file("lab")
      try? FileManager.default.removeItem(atPath: lab)
      try FileManager.default.copyItem(atPath: scratch.file("good"), toPath: lab)
      let damaged = Self.damage(original, &generator)
      try damaged.write(to: URL(filePath: "\(lab)/.dioptra/state.db"))
      for command in [["status"], ["drift"], ["init", "--no-input", "--set", "restapi_http_port=8042"]] {
        let outcome = try await Tool.run(Tool.dioptra, command, in: lab)
        #expect([0, 1, 2, 3].contains(outcome.status), place)
        if outcome.errors.contains("state.db") {
          #expect(outcome.errors.contains("`dioptra adopt "), "\(place): \(outcome.errors)")
        }
      }
      #expect(Self.secretLines(try scratch.read("lab/.env")) == Self.secretLines(secrets), place)
      let adopted = try await shell.dioptra("adopt", "lab")
      #expect(adopted.status == 0, "\(place): \(adopted.errors)")
      #expect(try await shell.dioptra("drift", "-C", "lab").status != 1, place)
      #expect(Self.secretLines(try scratch.read("lab/.env")) == Self.secretLines(secrets), place)
    }
  }

  /// A file cut short, with a header that is not right, or with pages of nothing or of anything.
  private static func damage(_ original: Data, _ generator: inout SeededGenerator) -> Data {
    var bytes = [UInt8](original)
    let pages = bytes.count / 4096
    func fill(_ range: Range<Int>, _ generator: inout SeededGenerator) {
      let isZero = Bool.random(using: &generator)
      for index in range { bytes[index] = isZero ? 0 : UInt8.random(in: 0...255, using: &generator) }
    }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
    case 1:
      let start = Int.random(in: 0..<100, using: &generator)
      fill(start..<min(100, start + Int.random(in: 1...8, using: &generator)), &generator)
    case 2: fill(0..<4096 * Int.random(in: 1...pages, using: &generator), &generator)
    default:
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let page = Int.random(in: 0..<pages, using: &generator)
        fill(page * 4096..<(page + 1) * 4096, &generator)
      }
    }
    return Data(bytes)
  }

  private static func secretLines(_ text: String) -> [Substring] {
    text.split(separator: "\n").filter { $0.contains("PASSWORD=") || $0.contains("KEY=") }
  }
}
