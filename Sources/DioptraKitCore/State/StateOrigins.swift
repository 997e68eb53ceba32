package import DioptraModel
internal import DioptraSystem

extension State {
  /// Where the characters of a rendered file come from; nil where that was not recorded.
  package func origins(of path: String, in generation: Int) throws -> TextOrigins? {
    try database.first(
      "SELECT body FROM file JOIN origin ON digest = origins WHERE generation = ? AND path = ?",
      [.integer(generation), .text(path)]
    ) { TextOrigins(try $0["body"]) }
  }

  /// - Returns: The digest by which the origins are kept.
  func keepOrigins(of text: Text) throws -> String {
    let origins = TextOrigins(of: text)
    let digest = Digest(of: origins.characters).hexadecimal
    try database.run(
      "INSERT OR IGNORE INTO origin (digest, body) VALUES (?, ?)", [.text(digest), .text(origins.characters)])
    return digest
  }

  /// The digest of the origins that the newest generation has in which a path was rendered the same.
  func knownOrigins(of path: String, rendered: String) throws -> String? {
    try database.first(
      """
      SELECT origins FROM generation JOIN file ON generation = generation.id AND path = ?
      WHERE rendered = ? AND origins IS NOT NULL ORDER BY generation.id DESC LIMIT 1
      """, [.text(path), .text(rendered)]
    ) { try $0["origins"] }
  }
}
