import Foundation
import TestSupport
import Testing

/// A machine with an engine of its own and without any network, not even a route (`Rigs/apart.sh`).
///
/// Nothing that the test bed's engine has is there. A registry can be on it: that is then all that can be reached.
final class MachineApart {
  /// What it consists of; `etc` in it is the engine's `/etc/docker`.
  let folder: String
  private let program: Companion
  /// The folder of the settings of Docker's client, without a proxy.
  private let client = ClientSettings.plain

  /// - Parameters:
  ///   - host: The registry's address. The engine takes what is not at 127.0.0.1 for one with TLS.
  ///   - disk: The size of the engine's disk, such as `64m`; by default that of the machine.
  init(registry: Registry? = nil, at host: String = "", disk: String = "") async throws {
    folder = "\(Stage.shared.place)/apart-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    program = try Companion(
      "/usr/bin/env", ["bash", Companion.rig("apart.sh"), folder, registry?.settingsFile ?? "", disk],
      environment: ["REGISTRY_ADDRESS": host])
    for _ in 0..<600 where program.isRunning {
      let hasRegistry = registry == nil || FileManager.default.fileExists(atPath: "\(folder)/port")
      if try await Tool.run("docker", ["info"], environment: environment).succeeded, hasRegistry { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    let log = (try? String(contentsOfFile: "\(folder)/engine.log", encoding: .utf8)) ?? ""
    try #require(program.isRunning, "\(log.suffix(2000))")
    try registry?.isAt(host.isEmpty ? "127.0.0.1" : host, portFile: "\(folder)/port")
  }

  deinit { end() }

  /// The engine is gone, and everything on it.
  func end() {
    guard program.isRunning else { return }
    program.end()
    // The last processes of the machine may still be going.
    for _ in 0..<50 where (try? FileManager.default.removeItem(atPath: folder)) == nil { usleep(100_000) }
  }

  /// What programs need to reach the engine.
  var environment: [String: String] {
    Engine.environment.merging(["DOCKER_HOST": address, "DOCKER_CONFIG": client]) { $1 }
  }

  /// The address of the engine's socket.
  var address: String { "unix://\(folder)/docker.sock" }

  @discardableResult
  func docker(_ arguments: String...) async throws -> String {
    let outcome = try await Tool.run("docker", arguments, environment: environment)
    try #require(outcome.succeeded, "docker \(arguments): \(outcome.errors)")
    return outcome.output
  }

  /// Neither containers nor volumes nor images are left.
  func clear() async throws {
    let containers = try await docker("ps", "--all", "--quiet").split(separator: "\n").map(String.init)
    if !containers.isEmpty {
      _ = try await Tool.run("docker", ["rm", "--force", "--volumes"] + containers, environment: environment)
    }
    let volumes = try await docker("volume", "ls", "--quiet").split(separator: "\n").map(String.init)
    if !volumes.isEmpty { _ = try await Tool.run("docker", ["volume", "rm"] + volumes, environment: environment) }
    try await docker("system", "prune", "--all", "--force")
  }
}
