import Plugins
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraRendering
@testable import DioptraSystem

/// Where the characters of the reference deployment's files come from.
struct FileOriginsTests {
  private static let deployment = Result { try RenderedFolder.deployment(["enable_nginx_ssl": "true"]) }

  @Test func whatStateKeepsGivesEveryOriginBack() throws {
    for file in try Self.deployment.get().tree.files {
      let origins = TextOrigins(TextOrigins(of: file.text).characters)
      #expect(origins.text(of: StoredText(file)) == file.text, "\(file.path)")
    }
  }

  /// A line of a template's text has those very characters, or a placeholder that brings them.
  @Test func everyPlaceIsThatOfTheTemplate() throws {
    let blueprint = try Self.deployment.get().blueprint
    let contents = blueprint.files.map(\.content) + blueprint.scripts.map(\.body)
    let templates = contents.compactMap { content -> Template? in
      if case .template(let template, _) = content { template } else { nil }
    }
    let lines = Dictionary(templates.map { ($0.name, $0.source.linesWithEnds) }) { first, _ in first }
    var places = 0
    for file in try Self.deployment.get().tree.files {
      for line in file.text.segments.flatMap(\.lines) where line.content != .literal("") {
        guard let place = line.place else { continue }
        places += 1
        let source = try #require(lines[place.template]?[place.line - 1], "\(file.path)")
        let isThere = line.characters.map { source.contains($0) } ?? false
        #expect(isThere || source.contains("{{"), "\(file.path): \(place.template):\(place.line)")
      }
    }
    #expect(places > templates.count)
  }
}
