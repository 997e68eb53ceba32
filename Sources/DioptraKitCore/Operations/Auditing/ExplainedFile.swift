internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension Explainer {
  func explanation(of file: RenderedFile, line: Int?) throws -> Explanation {
    var explanation = Explanation(.file, file.path + (line.map { ":\($0)" } ?? ""), of: file.component)
    explanation.tell("made from", source(of: file.path))
    if let line {
      let segments = try segments(of: file, line: line)
      explanation.tell("line", segments.map(\.masked).joined())
      tellOrigins(of: segments, file, &explanation)
    } else {
      explanation.tell("permissions", file.permissions.rawValue)
      tellOrigins(of: file.text.segments, file, &explanation)
      tellReach(of: file, &explanation)
      try tellPast(of: file.path, &explanation)
    }
    return explanation
  }

  private func source(of path: String) -> String? {
    if let file = blueprint.files.first(where: { $0.path == path }) {
      switch file.content {
      case .template(let template, _): return "the template \(template.name)"
      case .text, .jinja: return "a text of the component"
      case .document(let document): return document.words
      }
    }
    if blueprint.environmentFiles.contains(where: { $0.path == path }) { return "entries of the component" }
    guard let script = blueprint.scripts.first(where: { $0.value.paths.contains(path) }) else { return nil }
    if case .template(let template, _) = script.body { return "the options and the template \(template.name)" }
    return "the options and the body of the script \(script.name)"
  }

  /// Each variable, secret and other component that a file shows, once.
  private func tellOrigins(of segments: [Text.Segment], _ file: RenderedFile, _ explanation: inout Explanation) {
    var variables: [VariableName] = []
    var secrets: [SecretName] = []
    var others: [ComponentID] = []
    for segment in segments {
      switch segment.content {
      case .variable(let name, _) where !variables.contains(name): variables.append(name)
      case .secret(let name, _, _) where !secrets.contains(name): secrets.append(name)
      default: break
      }
      let owner = file.component(of: segment)
      if owner != explanation.component, !others.contains(owner) { others.append(owner) }
    }
    explanation.tell("variables", variables.map(words))
    explanation.tell("secrets", secrets.map { "\($0)\(age(of: $0))" })
    explanation.tell("also from", others.map(\.rawValue))
  }

  private func tellReach(of file: RenderedFile, _ explanation: inout Explanation) {
    func reads(_ service: Owned<Service>) -> Bool { service.value.reads(file.path) }
    explanation.tell("read by", blueprint.services.filter(reads).map(\.name.rawValue))
    explanation.tell("read during init by", blueprint.initServices.filter(reads).map(\.name.rawValue))
    let volumes = blueprint.volumePreparations.filter { preparation in
      preparation.actions.contains { $0.action.reads(file.path) }
    }
    explanation.tell("goes into", volumes.map { deployment.volumeName($0.volume) })
    explanation.tell("steps", blueprint.steps.filter { $0.inputs.contains { $0.reads(file.path) } }.map(\.id.rawValue))
  }

  private func tellPast(of path: String, _ explanation: inout Explanation) throws {
    guard let state else { return }
    if let change = try state.lastChange(of: path) {
      explanation.tell("last changed", "generation \(change.generation), run \(change.run), \(change.at)")
    }
    guard let recorded = try state.appliedGeneration()?.files[path] else { return }
    let secrets = try state.secretValues()
    switch (try folder.actual(path), recorded.recorded) {
    case (.absent, nil): explanation.tell("on disk", "deleted, which was accepted")
    case (.absent, _): explanation.tell("on disk", "missing")
    case (.other(let entry), _): explanation.tell("on disk", "a \(entry.words)")
    case (.file(let bytes, let mode), let version?):
      let isSame = try version.text.bytes(secrets: secrets) == bytes
      let modeWords = version.mode == mode ? "" : ", permissions \(mode.octal)"
      explanation.tell("on disk", (isSame ? "as recorded" : "edited") + modeWords)
    case (.file, nil): explanation.tell("on disk", "there, though it was deleted before")
    }
    if let version = recorded.recorded, version.text != recorded.rendered.text {
      explanation.tell("yours", "lines of yours were kept or merged")
    }
  }

  private func segments(of file: RenderedFile, line: Int) throws -> [Text.Segment] {
    var current = 1
    var found: [Text.Segment] = []
    for segment in file.text.segments {
      for (index, part) in segment.pieces.enumerated() {
        if index > 0 { current += 1 }
        if current == line, !part.isEmptyLiteral { found.append(part) }
      }
    }
    guard line <= current else {
      throw DioptraError(.fileUnknown, "\(file.path) has no line \(line)", remedy: "Give a line from 1 to \(current)")
    }
    return found
  }
}

extension FolderFile.Document {
  fileprivate var words: String {
    switch self {
    case .compose: "the services of all components"
    case .composeInit: "the init services of all components"
    case .settings: "the settings of all components"
    case .settingsTemplate: "the settings of all components, with placeholders for secrets"
    }
  }
}

extension Text.Segment {
  /// One segment a line; values of variables and secrets have one.
  fileprivate var pieces: [Text.Segment] {
    guard case .literal(let text) = content else { return [self] }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map {
      Text.Segment(.literal(String($0)), of: component)
    }
  }

  fileprivate var isEmptyLiteral: Bool { content == .literal("") }
}

extension Service {
  /// Whether a container of the service sees a file of the folder, or settings of it.
  func reads(_ path: String) -> Bool {
    environmentFiles.contains(path)
      || mounts.contains { mount in
        if case .folder(let folder) = mount.source { path == folder || path.hasPrefix(folder + "/") } else { false }
      }
      || (path == Setting.file
        && environment.contains { if case .setting = $0.value { true } else { false } })
  }
}

extension VolumePreparation.Action {
  fileprivate func reads(_ path: String) -> Bool {
    switch self {
    case .copy(let file, _, _), .value(_, let file, _, _): file == path
    case .copyMatching(let folder, let pattern, _):
      path.hasPrefix(folder + "/") && path.dropFirst(folder.count + 1).matches(pattern)
    case .clear, .folder, .subfolder, .copyFromVolume, .certificateAuthorities, .remove: false
    }
  }
}

extension Step.Input {
  fileprivate func reads(_ path: String) -> Bool {
    if case .file(let input) = self { path == input || path.hasPrefix(input + "/") } else { false }
  }
}

extension Substring {
  /// Whether the name matches a shell pattern with one `*`.
  func matches(_ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return self == pattern }
    return count >= parts[0].count + parts[1].count && hasPrefix(parts[0]) && hasSuffix(parts[1])
  }
}
