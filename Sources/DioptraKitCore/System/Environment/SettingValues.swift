/// The values in a file of settings as its reader sees them: Compose reads `.env` and `envs/`, a script of the
/// deployment reads `secrets/`.
package struct SettingValues {
  /// By name. A setting without a reliable value has its spelling.
  package private(set) var values: [String: [UInt8]] = [:]
  /// Why Compose cannot read the file.
  package let fault: EnvironmentFault?

  /// An unreadable file has no values.
  package init(_ bytes: [UInt8], path: String) {
    guard !path.hasPrefix("secrets/") else {
      fault = nil
      for (name, value) in PlainLines(bytes).all { values[name] = Array(value) }
      return
    }
    do throws(EnvironmentFault) {
      for entry in try EnvironmentText(bytes).entries {
        values[entry.name] = (try? entry.value.get()).map { Array($0.utf8) } ?? Array(entry.spelling)
      }
      fault = nil
    } catch {
      fault = error
    }
  }

  package var names: Set<String> { Set(values.keys) }

  package func value(of name: String) -> [UInt8]? { values[name] }
}

/// Lines of the form `NAME=value` as the deployment's own scripts read them: the value is everything after the first
/// equals sign.
package struct PlainLines {
  /// In the order of the file.
  package let all: [(name: String, value: ArraySlice<UInt8>)]

  package init(_ bytes: [UInt8]) {
    all = bytes.split(separator: .newline).compactMap { line in
      line.firstIndex(of: UInt8(ascii: "=")).map { equals in
        (String(decoding: line[..<equals], as: UTF8.self), line[(equals + 1)...])
      }
    }
  }

  /// The values of a name, in the order of its lines.
  package func values(of name: String) -> [String] {
    all.filter { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
  }
}
