internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import Yams

/// The documents that a Compose file consists of; Compose puts them together.
enum ComposeDocuments {
  /// - Throws: `YamlError` when the text is no YAML.
  static func all(in text: String) throws -> [Node] {
    var sequence = try Yams.compose_all(yaml: text, .basic)
    var documents: [Node] = []
    while let document = sequence.next() { documents.append(document) }
    if let error = sequence.error { throw error }
    return documents
  }
}
