public import DioptraSystem

/// `dioptra.yaml`, the user's file: read as YAML, changed line by line, never rewritten.
public struct ConfigurationFile: Sendable, Equatable {
  /// The file's name in the deployment folder.
  public static let name = "dioptra.yaml"
  static let source = WrittenValues(name: name)
  static let componentsKey = "components"

  /// The file's characters.
  public private(set) var text: String
  /// The user's choices, under the names as written.
  public private(set) var values: [String: String]
  /// The components that the user disabled.
  public private(set) var disabled: Set<ComponentID>
  /// Every component that the file mentions.
  public private(set) var named: Set<ComponentID>
  /// Where the names of variables stand, and their values.
  private(set) var places: [String: (name: TextPlace, value: TextPlace)]
  /// Where the names of components stand.
  private(set) var componentPlaces: [ComponentID: TextPlace]

  /// - Throws: `DioptraError` with line and column of what cannot be understood.
  public init(text: String) throws(DioptraError) {
    self.text = text
    let reading = try Reading(text)
    values = reading.values
    disabled = reading.disabled
    named = Set(reading.components.keys)
    places = reading.places
    componentPlaces = reading.componentPlaces
  }

  /// Whether both have the same text.
  public static func == (left: Self, right: Self) -> Bool { left.text == right.text }

  /// Whether the file contains no choice at all.
  public var isEmpty: Bool { values.isEmpty && named.isEmpty }

  /// - Parameter recorded: The file that the deployment was last made from.
  /// - Throws: `DioptraError` for a file that lost all its choices, since everything would get other names.
  package func requireChoices(of recorded: String) throws(DioptraError) {
    guard isEmpty, let before = try? ConfigurationFile(text: recorded), !before.isEmpty else { return }
    throw DioptraError(
      .configurationInvalid, "\(Self.name) is empty, and was not when the deployment was last made from it",
      remedy: "Bring it back with \(dioptra: "drift", "--repair", Self.name)")
  }

  // MARK: Changes

  /// Sets a variable: edits its line or the commented line of its default, or adds a line at the end.
  ///
  /// - Throws: `DioptraError` if the value spans several lines and must be edited by hand.
  public mutating func set(_ name: VariableName, to value: String, spelledLike aliases: [String] = []) throws {
    let spelling = ([name.rawValue] + aliases).first { values[$0] != nil } ?? name.rawValue
    var lines = text.withoutByteOrderMark.lines
    let entry = "\(spelling): \(YAMLScalar.text(value))"
    if let index = lines.firstIndex(where: { $0.hasPrefix("\(spelling):") }) {
      lines[index] = entry + Self.trailingComment(of: lines[index])
    } else if let index = lines.firstIndex(where: { $0.hasPrefix("# \(spelling):") }) {
      lines[index] = entry
    } else {
      lines.append(entry)
    }
    var expected = values
    expected[spelling] = value
    try replaceText(with: lines, expecting: expected, disabled, changing: spelling)
  }

  /// Renames a variable and keeps the user's value. Without a choice, only the comment with the default changes.
  ///
  /// - Throws: `DioptraError` if the line must be edited by hand.
  package mutating func rename(_ name: VariableName, to new: VariableName) throws {
    guard values[new.rawValue] == nil else { return }
    var lines = text.withoutByteOrderMark.lines
    for prefix in ["", "# "] {
      for index in lines.indices where lines[index].hasPrefix("\(prefix)\(name):") {
        lines[index] = "\(prefix)\(new):" + lines[index].dropFirst(prefix.count + name.rawValue.count + 1)
      }
    }
    var expected = values
    expected[new.rawValue] = expected.removeValue(forKey: name.rawValue)
    try replaceText(with: lines, expecting: expected, disabled, changing: name.rawValue)
  }

  /// Switches a component on or off.
  package mutating func setComponent(_ id: ComponentID, enabled: Bool) throws {
    var lines = text.withoutByteOrderMark.lines
    let entry = "  \(id): \(enabled)"
    if let section = lines.firstIndex(where: { $0.hasPrefix("\(Self.componentsKey):") }) {
      // `components: {}` and the like become a block.
      lines[section] = "\(Self.componentsKey):" + Self.trailingComment(of: lines[section])
      let block = lines[(section + 1)...].prefix { $0.isEmpty || $0.hasPrefix(" ") || $0.hasPrefix("#") }
      if let index = block.firstIndex(where: { $0.drop { $0 == " " }.hasPrefix("\(id):") }) {
        let margin = lines[index].prefix { $0 == " " }
        lines[index] = "\(margin)\(id): \(enabled)" + Self.trailingComment(of: lines[index])
      } else if let index = block.firstIndex(where: { $0.hasPrefix("  # \(id):") }) {
        lines[index] = entry
      } else {
        lines.insert(entry, at: section + 1)
      }
    } else {
      if lines.last?.isEmpty == false { lines.append("") }
      lines += ["\(Self.componentsKey):", entry]
    }
    var expected = disabled
    if enabled { expected.remove(id) } else { expected.insert(id) }
    try replaceText(with: lines, expecting: values, expected, changing: "\(Self.componentsKey).\(id)")
  }

  /// Applies the edited lines only if they read back as exactly the intended change.
  private mutating func replaceText(
    with lines: [String], expecting values: [String: String], _ disabled: Set<ComponentID>, changing name: String
  ) throws(DioptraError) {
    let end = text.linesWithEnds.first?.hasSuffix("\r\n") == true ? "\r\n" : "\n"
    let edited = (text.hasByteOrderMark ? String.byteOrderMark : "") + lines.map { $0 + end }.joined()
    guard let file = try? Self(text: edited), file.values == values, file.disabled == disabled else {
      throw DioptraError(
        .configurationInvalid,
        "\(name) cannot be changed in \(Self.name), because it does not stand on a line of its own",
        remedy: "Edit \(edit: Self.name) by hand, then run \(dioptra: "init")")
    }
    self = file
  }

  /// ` # …` at the end of a line, outside quotes.
  private static func trailingComment(of line: String) -> String {
    var quote: Character?
    var previous: Character = " "
    for index in line.indices {
      let character = line[index]
      if let open = quote {
        if character == open, !(open == "\"" && previous == "\\") { quote = nil }
      } else if character == "\"" || character == "'", previous == " " {
        quote = character
      } else if character == "#", previous == " " {
        return " " + line[index...]
      }
      previous = character
    }
    return ""
  }
}

extension String {
  /// The lines without line endings; a trailing newline does not begin another line.
  package var lines: [String] {
    linesWithEnds.map { line in
      var line = line
      while let last = line.unicodeScalars.last, last == "\n" || last == "\r" { line.unicodeScalars.removeLast() }
      return line
    }
  }
}
