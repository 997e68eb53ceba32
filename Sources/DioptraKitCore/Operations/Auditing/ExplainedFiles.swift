internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A file as it is explained: as a generation has it, or as it would be rendered now.
struct ExplainedFile {
  let path: String
  let component: ComponentID
  /// What the components say, each character with its origin as far as it is known.
  let text: Text
  let mode: UInt32
  /// Why the origins are not known; nil where they are.
  var gap: String?
  /// The values that it was rendered with; nil where the program does not know all of them any more.
  let configuration: Configuration?
  /// The blueprint that has the file; nil where today's components say something else.
  let blueprint: Blueprint?
  /// What State has; nil for a file that was never written.
  var record: State.GenerationFile?
  /// When the generation was asked for by its number.
  var generation: State.Generation?
}

/// Finds the files that can be explained.
struct ExplainedFiles {
  private let explainer: Explainer
  private let generation: State.Generation?
  private let isNewest: Bool
  /// What the components of today make of the generation's configuration; nil where they do not accept it.
  private let deployment: Deployment?

  /// - Parameter number: Of the generation; nil for the newest that is in place.
  /// - Throws: `DioptraError` when there is no such generation.
  init(_ explainer: Explainer, in number: Int?) throws {
    self.explainer = explainer
    isNewest = number == nil
    if let number {
      guard let state = explainer.state else { throw explainer.folder.notInitialized }
      generation = try state.existing(number)
    } else {
      generation = try explainer.state?.appliedGeneration()
    }
    guard let text = generation?.configuration, text != explainer.file.text else {
      deployment = explainer.deployment
      return
    }
    deployment = try? Deployment(
      registry: explainer.registry, file: ConfigurationFile(text: text),
      identity: explainer.deployment.context.identity)
  }

  subscript(_ path: String) -> ExplainedFile? {
    get throws {
      if let generation, let record = generation.files[path] { return try file(path, record, generation) }
      guard isNewest, let file = explainer.deployment.tree[path] else { return nil }
      return ExplainedFile(
        path: path, component: file.component, text: file.text, mode: file.permissions.mode,
        configuration: explainer.deployment.configuration, blueprint: explainer.blueprint)
    }
  }

  private func file(
    _ path: String, _ record: State.GenerationFile, _ generation: State.Generation
  ) throws -> ExplainedFile {
    let recorded = try explainer.state?.origins(of: path, in: generation.id)?.text(of: record.rendered.text)
    // Whatever version a secret had: it is the same text.
    let rendered = deployment?.tree[path].flatMap { $0.masked == record.rendered.text.masked ? $0.text : nil }
    let isKnown = recorded != nil || rendered != nil || record.isOwn
    let isAdopted = generation.version.template == GenerationVersion.referenceTemplate
    return ExplainedFile(
      path: path, component: record.component,
      text: record.isOwn ? Text("") : recorded ?? rendered ?? record.rendered.text.text,
      mode: record.isOwn ? record.recorded?.mode ?? record.rendered.mode : record.rendered.mode,
      gap: isKnown
        ? nil
        : isAdopted
          ? "not known: the file was adopted as it was"
          : "not recorded: an older dioptra rendered the file, and this one renders it differently",
      configuration: deployment?.configuration, blueprint: rendered == nil ? nil : deployment?.blueprint,
      record: record, generation: isNewest ? nil : generation)
  }

  /// - Throws: `DioptraError` where a generation was asked for: it has nothing but files.
  func requireNewest(_ word: String) throws(DioptraError) {
    guard !isNewest, let generation else { return }
    throw DioptraError(
      .fileUnknown, "generation \(generation.id) has no file \(word.quoted)",
      remedy: nearest(word, in: generation.files.keys.sorted()).map { "Perhaps \($0) is meant" }
        ?? "Give a path inside the folder")
  }
}
