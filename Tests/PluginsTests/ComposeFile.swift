import DioptraKitCore
import TestSupport
import Testing
import Yams

/// A rendered Compose file of a deployment with the usual name.
struct ComposeFile {
  static let initializing = "docker-compose.init.yml"
  static let gpus = ["num_tensorflow_gpu_workers": "2", "num_pytorch_gpu_workers": "2"]

  /// The mounts of PostgreSQL.
  static let database = """
    postgres-data:/var/lib/postgresql/data:rw postgres-docker-entrypoint-initdb-d:/docker-entrypoint-initdb.d:rw \
    postgres-etc-postgresql:/etc/postgresql:rw postgres-var-certs:/var/lib/postgresql/certs:rw
    """

  /// The mounts of a trust store.
  static func trust(_ name: String) -> String {
    "\(name)-ca-certificates:/usr/local/share/ca-certificates:rw \(name)-etc-ssl:/etc/ssl:rw"
  }

  let root: Node
  private let isInitializing: Bool

  init(_ path: String = "docker-compose.yml", values: [String: String] = [:]) throws {
    let file = try #require(try RenderedFolder.deployment(values).tree[path])
    root = try #require(try Yams.compose(yaml: file.masked))
    isInitializing = path == Self.initializing
  }

  var services: [(name: String, node: Node)] {
    root["services"]?.mapping?.map { ($0.key.string ?? "", $0.value) } ?? []
  }

  /// A service by its name without the deployment's prefix.
  subscript(name: String) -> Node {
    get throws { try #require(root["services"]?[isInitializing ? name : "dioptra-deployment-\(name)"]) }
  }
}

extension Node {
  var keys: [String] { mapping?.keys.map { $0.string ?? "" } ?? [] }
  var list: [String] { sequence?.map { $0.string ?? "" } ?? [] }
  var texts: [String: String] {
    Dictionary(uniqueKeysWithValues: mapping?.map { ($0.key.string ?? "", $0.value.string ?? "") } ?? [])
  }

  /// Interval, time-out, retries and, where there is one, the time of grace at the start.
  var times: String {
    ["interval", "timeout", "retries", "start_period"].compactMap { self[$0]?.string }.joined(separator: " ")
  }

  /// The variables that come from `.env`, as `NAME` or `NAME=OTHER`.
  var settings: String {
    (self["environment"]?.mapping?.map { $0 } ?? []).filter { $0.value.string?.hasPrefix("${") == true }.map { entry in
      let name = entry.key.string ?? ""
      let setting = (entry.value.string ?? "").dropFirst(2).dropLast()
      return name == setting ? name : "\(name)=\(setting)"
    }.joined(separator: " ")
  }

  /// The arguments, hosts without the deployment's prefix.
  var command: String {
    (self["command"]?.list ?? []).joined(separator: " ").replacing("dioptra-deployment-", with: "")
  }

  var mounts: String { (self["volumes"]?.list ?? []).joined(separator: " ") }
}
