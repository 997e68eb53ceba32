import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What is seen of images while they come, and what an interruption leaves.
  @Suite struct FetchView {
    /// The first is small, the others take their time.
    private static let images = [
      "nginx_image": "first:1", "redis_image": "second:1", "dbadmin_image": "third:1",
    ]

    private func registry(rate: Int, faults: [Registry.Fault] = []) async throws -> Registry {
      try await Registry.start(
        Registry.Settings(
          images: [
            "first:1": Registry.Image(layers: [200_000]), "second:1": Registry.Image(layers: [4_000_000, 300_000]),
            "third:1": Registry.Image(layers: [2_000_000, 2_000_000]),
          ], rate: rate, faults: faults))
    }

    @Test func anInterruptionEndsAtOnceAndKeepsWhatIsThere() async throws {
      let registry = try await registry(rate: 200_000)
      defer { registry.end() }
      let stage = try await FetchStage(Self.images, from: registry, setting: ["images_at_once=1"])
      let run = try await stage.run("first:1", "second:1", interruptedDuring: "second:1")
      #expect(run.status == 130, "\(run.errors)")
      #expect(run.duration < .seconds(10), "the fetch would take 20 seconds")
      #expect(run.events.contains { $0.event == "ended" && $0.step == "image.first" && $0.outcome == "succeeded" })
      // The engine has closed the connection, so that nothing more comes.
      try await Task.sleep(for: .seconds(1))
      let cut = try registry.answers().filter { $0.path.hasPrefix("/v2/second/blobs/") }
      #expect(!cut.isEmpty && cut.reduce(0) { $0 + $1.bytes } < 2_000_000)

      registry.forget()
      registry.settings.rate = nil
      let next = try await stage.run("first:1", "second:1")
      #expect(next.status == 0, "\(next.errors)")
      #expect(try registry.answers().allSatisfy { !$0.path.hasPrefix("/v2/first/blobs/") })
      try await stage.forget("first:1", "second:1", of: registry)
    }

    @Test(arguments: [80, 120])
    func itFitsTheTerminal(columns: Int) async throws {
      // One of the two is the image's configuration, which is small.
      let cut = Registry.Fault(path: "/third/blobs/", cutAfter: 500_000, times: 2)
      let registry = try await registry(rate: 600_000, faults: [cut])
      defer { registry.end() }
      let stage = try await FetchStage(Self.images, from: registry, setting: ["images_at_once=3"])
      let text = try await stage.record(
        ["first:1", "second:1", "third:1"], columns: columns, to: "fetch-\(columns).txt")
      let lines = text.split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= columns })
      // A narrow terminal has no room for the time that is left.
      let words = columns < 120 ? [" of 4"] : [" of 4", "B/s, ", " left"]
      let isShown = lines.contains { line in line.contains("second") && words.allSatisfy { line.contains($0) } }
      #expect(isShown, "\(text)")
      #expect(lines.contains { $0.contains("third") && $0.contains("etrying in") }, "\(text)")
      try await stage.forget("first:1", "second:1", "third:1", of: registry)
    }
  }
}
