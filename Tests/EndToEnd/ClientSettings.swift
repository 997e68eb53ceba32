import Foundation

/// Settings of Docker's client, in folders of their own.
enum ClientSettings {
  /// A proxy that does not answer: the port is closed.
  static let deadProxy = folder("dead-proxy", proxy: "http://127.0.0.1:9")

  /// No proxy: services of the reference's own files would use one for each other.
  static let plain = folder("plain", proxy: nil)

  /// A folder of settings with a proxy that containers get.
  static func folder(_ name: String, proxy: String?) -> String {
    let place = ProcessInfo.processInfo.environment["DIOPTRA_TEST_FOLDER"] ?? NSTemporaryDirectory()
    let folder = "\(place)/client-\(name)"
    let proxies = proxy.map { ["default": ["httpProxy": $0, "httpsProxy": $0]] } ?? [:]
    let settings = ["proxies": proxies]
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try JSONEncoder().encode(settings).write(to: URL(filePath: "\(folder)/config.json"))
    } catch {
      fatalError("the settings of Docker's client cannot be written: \(error)")
    }
    return folder
  }
}
