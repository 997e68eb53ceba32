/// What Compose reads from a file of `NAME=value` lines: `.env`, or a file loaded by services.
///
/// A line has the value that every version of Compose v2 gives it, or a reason why it has none. The caller's
/// environment is not considered.
package struct EnvironmentText: Sendable {
  /// What one line, or one value of several lines, sets.
  package struct Entry: Sendable {
    package let name: String
    /// From 1.
    package let line: Int
    package let value: Result<String, EnvironmentFault>
    /// The bytes of the value as written in the file, with quotes.
    package let spelling: ArraySlice<UInt8>
  }

  /// In the order of the file; the last one of a name counts.
  package let entries: [Entry]
  /// References to names that are not set earlier: Compose replaces these with empty text.
  package let blanks: [(line: Int, name: String)]

  /// - Parameter outer: Names that are set elsewhere and take precedence, as those of `.env` do in a file loaded by a
  ///   service.
  /// - Throws: `EnvironmentFault` if Compose cannot read the file, or its versions disagree about where a value ends.
  package init(_ bytes: [UInt8], outer: [String: String] = [:]) throws(EnvironmentFault) {
    var entries: [Entry] = []
    var known: [String: Result<String, EnvironmentFault>] = outer.mapValues { .success($0) }
    var blanks: [(line: Int, name: String)] = []
    var parser = EnvironmentParser(bytes)
    while let statement = try parser.next() {
      var interpolation = EnvironmentInterpolation(known: known, line: statement.line)
      let value = try statement.value(&interpolation)
      blanks += interpolation.blanks.map { (statement.line, $0) }
      entries.append(
        Entry(name: statement.name, line: statement.line, value: value, spelling: statement.spelling))
      if outer[statement.name] == nil { known[statement.name] = value }
    }
    self.entries = entries
    self.blanks = blanks
  }

  /// The value of a name; nil if it is not set.
  ///
  /// - Throws: `EnvironmentFault` for a line whose value depends on the version of Compose.
  package func value(of name: String) throws(EnvironmentFault) -> String? {
    try entries.last { $0.name == name }?.value.get()
  }

  /// The values of all names that have one.
  package var values: [String: String] {
    entries.reduce(into: [:]) { values, entry in
      if case .success(let value) = entry.value { values[entry.name] = value } else { values[entry.name] = nil }
    }
  }

  /// The names that are set, to any value.
  package var names: Set<String> { Set(entries.map(\.name)) }
}

/// Why a line of an environment file has no reliable value.
package struct EnvironmentFault: Error, Equatable {
  /// From 1.
  package let line: Int
  /// Completes "line 7 …"; contains nothing of the line that could be secret.
  package let reason: String
  package let remedy: Remedy

  package init(_ line: Int, _ reason: String, remedy: Remedy = "write the value in single quotes") {
    self.line = line
    self.reason = reason
    self.remedy = remedy
  }

  package func error(in path: String) -> DioptraError {
    DioptraError(
      .environmentInvalid, "\(path), line \(line): \(reason)",
      remedy: "Edit \(edit: path): \(remedy), then run the command again")
  }
}

extension EnvironmentText {
  /// The same for a file with a path.
  ///
  /// - Throws: `DioptraError` that names the path and the line.
  package init(_ bytes: [UInt8], path: String, outer: [String: String] = [:]) throws(DioptraError) {
    do throws(EnvironmentFault) {
      self = try EnvironmentText(bytes, outer: outer)
    } catch {
      throw error.error(in: path)
    }
  }

  /// The value of a name in a file with a path.
  ///
  /// - Throws: `DioptraError` that names the path and the line.
  package func value(of name: String, path: String) throws(DioptraError) -> String? {
    do throws(EnvironmentFault) {
      return try value(of: name)
    } catch {
      throw error.error(in: path)
    }
  }
}
