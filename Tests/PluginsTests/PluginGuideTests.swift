import Foundation
import TestSupport
import Testing

/// What the guide for writers of components shows is what the tests compile.
struct PluginGuideTests {
  @Test(arguments: ["GrafanaComponent", "NotebookComponent"])
  func anExampleOfTheGuideIsTheOneThatIsTested(name: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let guide = try String(contentsOf: root.appending(path: "Plugins.md"), encoding: .utf8)
    let example = try String(
      contentsOf: root.appending(path: "Tests/PluginsTests/\(name).swift"), encoding: .utf8)
    #expect(guide.contains("```swift\n\(example)```"))
  }
}
