/// What Compose reads in a file of `NAME=value` lines: `.env`, or one that services load.
///
/// A line is taken with the value that every version of Compose v2 gives it, or there is a reason why it has none. The
/// environment of whoever calls Compose is no part of it.
package struct EnvironmentText: Sendable {
  /// What one line, or one value of several lines, sets.
  package struct Entry: Sendable {
    package let name: String
    /// From 1 on.
    package let line: Int
    package let value: Result<String, EnvironmentFault>
    /// The bytes of the value as they stand in the file, with quotes.
    package let spelling: ArraySlice<UInt8>
  }

  /// In the order of the file; of several with one name the last one counts.
  package let entries: [Entry]
  /// References to names that nothing sets before: Compose puts nothing in their place.
  package let blanks: [(line: Int, name: String)]

  /// - Parameter outer: Names that are set elsewhere and win, as those of `.env` do in a file that a service loads.
  /// - Throws: `EnvironmentFault` where Compose cannot read the file, or its versions do not agree where a value ends.
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

  /// What a name is set to; nil where nothing sets it.
  ///
  /// - Throws: `EnvironmentFault` for a line whose value is not the same for every Compose.
  package func value(of name: String) throws(EnvironmentFault) -> String? {
    try entries.last { $0.name == name }?.value.get()
  }

  /// The values of all names that have one.
  package var values: [String: String] {
    entries.reduce(into: [:]) { values, entry in
      if case .success(let value) = entry.value { values[entry.name] = value } else { values[entry.name] = nil }
    }
  }

  /// The names that are set, whatever to.
  package var names: Set<String> { Set(entries.map(\.name)) }
}

/// Why a line of an environment file has no value that one could rely on.
package struct EnvironmentFault: Error, Equatable {
  /// From 1 on.
  package let line: Int
  /// Completes "line 7 …"; without anything of the line that could be secret.
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
  /// The same for a file that has a path.
  ///
  /// - Throws: `DioptraError` that names the path and the line.
  package init(_ bytes: [UInt8], path: String, outer: [String: String] = [:]) throws(DioptraError) {
    do throws(EnvironmentFault) {
      self = try EnvironmentText(bytes, outer: outer)
    } catch {
      throw error.error(in: path)
    }
  }

  /// What a name is set to in a file that has a path.
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
