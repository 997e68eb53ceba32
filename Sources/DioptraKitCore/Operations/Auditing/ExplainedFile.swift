internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension Explainer {
  func explanation(of file: ExplainedFile) throws -> Explanation {
    var explanation = Explanation(.file, file.path, of: file.component)
    try tellGeneration(of: file, &explanation)
    explanation.tell("made from", source(of: file))
    explanation.tell("permissions", file.mode.octal)
    tellOrigins(of: file.text.segments, file, &explanation)
    if let generation = file.generation {
      if generation.files[file.path]?.recorded == nil {
        explanation.tell("on disk then", "deleted, as accepted")
      }
    } else {
      tellReach(of: file, &explanation)
      try tellPast(of: file, &explanation)
    }
    if let record = file.record, !file.isOwn, let version = record.recorded, version.text != record.rendered.text {
      explanation.tell("yours", "your lines were kept or merged")
    }
    return explanation
  }

  func explanation(of file: ExplainedFile, line: Int) throws -> Explanation {
    var explanation = Explanation(.file, "\(file.path):\(line)", of: file.component)
    try tellGeneration(of: file, &explanation)
    switch try ExplainedLine(line, of: file, self) {
    case .own(let characters):
      explanation.tell("made from", "you: no component has this line")
      explanation.tell("line", characters ?? "not shown, since the file is private")
    case .rendered(let segments):
      let places = segments.compactMap(\.place).map { "the template \($0.template), line \($0.line)" }
      explanation.tell("made from", places.isEmpty ? source(of: file).map { [$0] } ?? [] : places.unique)
      explanation.tell("line", segments.map(\.masked).joined())
      tellOrigins(of: segments, file, &explanation)
    }
    return explanation
  }

  private func tellGeneration(of file: ExplainedFile, _ explanation: inout Explanation) throws {
    guard let generation = file.generation else { return }
    let moment = try state?.generationMoments()[generation.id].map { ", planned \($0)" } ?? ""
    explanation.tell("generation", "\(generation.id)\(moment)\(generation.isApplied ? "" : ", never put in place")")
  }

  private func source(of file: ExplainedFile) -> String? {
    if file.isOwn { return "you: no component has the file" }
    if let source = file.blueprint?.source(of: file.path) { return source }
    let templates = file.text.segments.compactMap { $0.place?.template }.unique
    return templates.isEmpty ? nil : "the template \(templates.joined(separator: ", "))"
  }

  /// Each variable, secret and other component that a file shows, once.
  private func tellOrigins(of segments: [Text.Segment], _ file: ExplainedFile, _ explanation: inout Explanation) {
    var variables: [VariableName] = []
    var secrets: [SecretName] = []
    for segment in segments {
      switch segment.content {
      case .variable(let name, _): variables.append(name)
      case .secret(let name, _, _): secrets.append(name)
      case .literal, .endpoint: break
      }
    }
    explanation.tell("variables", variables.unique.map { text($0, in: file.configuration) })
    explanation.tell("secrets", secrets.unique.map { "\($0)\(age(of: $0))" })
    explanation.tell(
      "also from", segments.compactMap(\.component).filter { $0 != file.component }.unique.map(\.rawValue))
    explanation.tell("origins", file.gap)
  }

  private func tellReach(of file: ExplainedFile, _ explanation: inout Explanation) {
    func reads(_ service: Owned<Service>) -> Bool { service.value.reads(file.path) }
    explanation.tell("read by", blueprint.services.filter(reads).map(\.name.rawValue))
    explanation.tell("read during init by", blueprint.initServices.filter(reads).map(\.name.rawValue))
    let volumes = blueprint.volumePreparations.filter { preparation in
      preparation.actions.contains { $0.action.reads(file.path) }
    }
    explanation.tell("goes into", volumes.map { deployment.volumeName($0.volume) })
    explanation.tell("steps", blueprint.steps.filter { $0.inputs.contains { $0.reads(file.path) } }.map(\.id.rawValue))
  }

  private func tellPast(of file: ExplainedFile, _ explanation: inout Explanation) throws {
    guard let state else { return }
    if let change = try state.lastChange(of: file.path) {
      explanation.tell("last changed", "generation \(change.generation), run \(change.run), \(change.at)")
    }
    guard let record = file.record else { return }
    let secrets = try state.secretValues()
    switch (try folder.actual(file.path), record.recorded) {
    case (.absent, nil): explanation.tell("on disk", "deleted, as accepted")
    case (.absent, _): explanation.tell("on disk", "missing")
    case (.other(let entry), _): explanation.tell("on disk", "a \(entry.text)")
    case (.file(let bytes, let mode), let version?):
      let isSame = try version.text.bytes(secrets: secrets) == bytes
      let modeWords = version.mode == mode ? "" : ", permissions \(mode.octal)"
      explanation.tell("on disk", (isSame ? "as recorded" : "edited") + modeWords)
    case (.file, nil): explanation.tell("on disk", "present, although it was deleted before")
    }
  }
}

extension ExplainedFile {
  /// Whether the file is the user's own and was accepted.
  var isOwn: Bool { record?.isOwn ?? false }
}

extension Blueprint {
  /// What a file of the folder is made from.
  fileprivate func source(of path: String) -> String? {
    if let file = files.first(where: { $0.path == path }) {
      switch file.content {
      case .template(let template, _): return "the template \(template.name)"
      case .text, .jinja: return file.madeFrom ?? "a text in the component"
      }
    }
    if environmentFiles.contains(where: { $0.path == path }) { return "entries of the component" }
    guard let script = scripts.first(where: { $0.value.paths.contains(path) }) else { return nil }
    if case .template(let template, _) = script.body { return "the options and the template \(template.name)" }
    return "the options and the body of the script \(script.name)"
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it stands first.
  fileprivate var unique: [Element] {
    var known: Set<Element> = []
    return filter { known.insert($0).inserted }
  }
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
