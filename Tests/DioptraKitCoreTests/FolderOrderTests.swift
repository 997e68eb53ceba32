import Foundation
import Testing

/// Folders of one module stand above each other, too: what is lower never names what is higher. Between modules the
/// compiler checks it.
struct FolderOrderTests {
  /// From the ground up. Folders in one group know each other.
  private static let orders: [(module: String, folders: [[String]])] = [
    ("System", [["", "Errors", "Text"], ["Environment"]]),
    // A component contributes parts of the blueprint, and the blueprint is made by components from a configuration.
    ("Model", [["Text", "Component", "Configuration", "Blueprint"], ["Releases"]]),
    ("State", [["SQLite", ""]]),
    ("Rendering", [["Templates"], ["", "Shell"]]),
    (
      "Operations",
      [
        ["Differences"], ["Reconciliation"], ["Initialization"], ["Sessions"], ["Deploying"], ["Configuring"],
        ["Upgrading"], ["Auditing"], ["Adoption"], ["Renaming"], ["Backup"], ["Restoration"], ["Images"],
        ["Conformance"],
      ]
    ),
  ]

  private static let core = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/DioptraKitCore").standardizedFileURL

  @Test(arguments: orders) func noFolderNamesOneAboveIt(module: String, folders: [[String]]) throws {
    let sources = try sources(of: module)
    #expect(Set(sources.map(\.folder)) == Set(folders.joined()), "a folder has no place in the order")
    let owners = sources.reduce(into: [String: Set<String>]()) { owners, source in
      for name in source.declared { owners[name, default: []].insert(source.folder) }
    }
    let levels = Dictionary(
      uniqueKeysWithValues: folders.enumerated().flatMap { index, names in names.map { ($0, index) } })
    for source in sources {
      for name in source.named {
        guard let owner = owners[name], owner.count == 1, let folder = owner.first,
          let above = levels[folder], let own = levels[source.folder]
        else { continue }
        #expect(above <= own, "\(module)/\(source.path) names \(name) of \(folder)")
      }
    }
  }

  private struct Source {
    let path: String
    let folder: String
    /// The types declared in it at top level.
    let declared: Set<String>
    /// The types that its code names, without members of others.
    let named: Set<String>
  }

  private func sources(of module: String) throws -> [Source] {
    let root = Self.core.appending(path: module)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path()).filter { $0.hasSuffix(".swift") }
    try #require(!paths.isEmpty)
    return try paths.map { path in
      let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
      let code = text.split(separator: "\n").map { $0.prefix(upTo: $0.firstRange(of: "//")?.lowerBound ?? $0.endIndex) }
      let declaration = /^(?:(?:public|package|final|indirect) )*(?:struct|class|enum|actor|protocol|typealias) (\w+)/
      let name = /(?:^|[^.\w"])([A-Z]\w*)/
      return Source(
        path: path, folder: path.contains("/") ? String(path.prefix { $0 != "/" }) : "",
        declared: Set(code.compactMap { $0.firstMatch(of: declaration).map { String($0.output.1) } }),
        named: Set(code.flatMap { line in line.matches(of: name).map { String($0.output.1) } }))
    }
  }
}
