import Foundation
import TestSupport

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraState
@testable import DioptraSystem

/// A deployment with two images of several parts each, on an engine that is not there.
struct ImageScene: Sendable {
  static let partSize = 200

  let data: DataScene
  var engine: FakeEngine { data.engine }
  var scratch: Scratch { data.scratch }
  var path: String { scratch.file("backups/lab.images") }
  var interim: String { path + ".part" }

  /// - Parameter others: What the deployment has beside its images.
  init(also others: [Contribution] = []) async throws {
    data = try await DataScene(also: others)
    var generator = SeededGenerator(seed: 7)
    let (server, tool) = (BackupScene.bytes(900, &generator), BackupScene.bytes(350, &generator))
    engine.change {
      $0.store.images = ["server:2": .init("sha256:a1", bytes: server), "tool:1": .init("sha256:b2", bytes: tool)]
    }
  }

  func save(release: String? = nil) async throws -> ImageSaving.Report {
    let folder = try ConfinedFolder(path: data.lab)
    return try await ImageSaving(of: folder, release: release, in: data.context, partSize: Self.partSize).run(to: path)
  }

  /// - Parameter inFolder: Whether the deployment of the file is there.
  @discardableResult
  func load(inFolder: Bool = false) async throws -> ImageLoading.Report {
    let folder = inFolder ? try ConfinedFolder(path: data.lab) : nil
    return try await ImageLoading(from: path, for: folder, in: data.context).run()
  }

  /// Takes images from the engine.
  func forget(_ names: String...) {
    engine.change {
      for name in names { $0.store.images[name] = nil }
      ($0.log, $0.calls) = ([], [])
    }
  }

  /// The files beside the deployment.
  func files() throws -> Set<String> { Set(try data.backups()) }

  func bytes(of path: String? = nil) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path ?? self.path))) }
  func replace(_ path: String? = nil, with bytes: some Sequence<UInt8>) throws {
    try Data(bytes).write(to: URL(filePath: path ?? self.path))
  }

  /// Where the entries of the file begin.
  func boundaries(of bytes: [UInt8]) -> [Int] {
    var place = 0
    var places: [Int] = []
    while place + TarHeader.blockSize <= bytes.count,
      let header = TarHeader(block: Array(bytes[place..<place + TarHeader.blockSize]))
    {
      places.append(place)
      place += TarHeader.blockSize + header.size + TarHeader.padding(after: header.size)
    }
    return places + [place]
  }
}
