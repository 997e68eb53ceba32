import Foundation

/// `embed-templates OUTPUT FILE...`: writes Swift source in which each file is one raw string literal.
@main
enum EmbedTemplatesTool {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let output = arguments.first else {
      throw EmbeddingError(description: "usage: embed-templates OUTPUT FILE...")
    }
    var members: [String: String] = [:]
    for path in arguments.dropFirst() {
      let name = URL(filePath: path).lastPathComponent
      let member = memberName(for: name)
      if let other = members.updateValue(name, forKey: member) {
        throw EmbeddingError(description: "\(other) and \(name) would both become Templates.\(member)")
      }
    }
    var source = "import DioptraKitCore\n\nenum Templates {\n"
    for path in arguments.dropFirst() {
      let name = URL(filePath: path).lastPathComponent
      let content = try String(contentsOf: URL(filePath: path), encoding: .utf8)
      source += """
          static let \(memberName(for: name)) = Template(
            name: "\(name)",
            source: ####\"\"\"
        \(content)
        \"\"\"####
          )

        """
    }
    source += "}\n"
    try source.write(to: URL(filePath: output), atomically: true, encoding: .utf8)
  }

  /// `init-db.sh` becomes `initDbSh`.
  private static func memberName(for file: String) -> String {
    let words = file.split { !($0.isLetter || $0.isNumber) }
    return words.enumerated().map { index, word in
      index == 0 ? word.lowercased() : word.prefix(1).uppercased() + word.dropFirst()
    }.joined()
  }
}

struct EmbeddingError: Error, CustomStringConvertible {
  let description: String
}
