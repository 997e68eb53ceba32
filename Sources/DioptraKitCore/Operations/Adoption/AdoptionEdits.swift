public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension Adoption {
  /// A file of the folder that the user edited.
  public struct Edit: Codable, Equatable, Sendable {
    /// A line of the user's.
    public struct Line: Codable, Equatable, Sendable {
      /// From 1.
      public let number: Int
      /// Without secrets and control characters.
      public let text: String
    }

    /// Relative to the deployment's folder.
    public let path: String
    /// The component that the file belongs to.
    public let component: ComponentID
    /// The user's lines; empty if lines of the template are only missing.
    public let lines: [Line]
  }

  /// The unedited files, sorted.
  public var pristine: [String] { files.files.filter { !$0.isOwn && $0.isPristine }.map(\.path) }

  /// The user's own files, sorted.
  public var unknown: [String] { files.files.filter(\.isOwn).map(\.path) }

  /// The deleted files, sorted.
  public var missing: [String] { files.missing }

  /// The names of the adopted secrets.
  public var secrets: [SecretName] { values.secrets.keys.sorted() }

  /// The edited files, sorted. If lines are only missing, there are none to show.
  public var edits: [Edit] {
    let references = values.secrets.map {
      (SecretReference(name: $0.key, version: SecretReference.firstVersion), $0.value)
    }
    let mask = SecretMask(SecretValues(Dictionary(uniqueKeysWithValues: references)))
    return files.files.filter { !$0.isOwn && !$0.isPristine }.map { file in
      let isPrivate = file.path.isPrivate || file.mode & 0o077 == 0
      let lines = file.lines.map { line in
        let text = line.text.contains(0) ? "no text\n" : String(exactly: Array(line.text))
        let shown = isPrivate ? ShownLines.hidden(text, "hidden", mask) : mask.masked(text)
        return Edit.Line(number: line.number, text: String(shown.trimmingEnd).onOneLine)
      }
      return Edit(path: file.path, component: file.component, lines: lines)
    }
  }

  /// The choices in `dioptra.yaml`, in the order of the components.
  public var choices: [(name: String, value: String)] {
    deployment.configuration.variables.compactMap { variable in
      guard let entry = deployment.configuration.entry(variable.name), entry.layer == .file else { return nil }
      return (variable.name.rawValue, entry.value)
    }
  }
}
