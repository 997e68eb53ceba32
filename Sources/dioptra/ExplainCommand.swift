import ArgumentParser
import DioptraKitCore

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows where a file, line, variable, service or secret comes from, and what it affects.",
    discussion: """
      EXAMPLES:
        dioptra explain config/nginx/http_restapi.conf
        dioptra explain \(Platforms.words.file):42
        dioptra explain \(Platforms.words.file):42 --generation 3
        dioptra explain container_tag
        dioptra explain nginx
        dioptra explain minio_root_password
      """
  )

  @Argument(help: "A path, optionally with :LINE, or a variable, service, secret or setting of .env.") var word: String
  @Option(
    help: ArgumentHelp(
      "The file as this generation has it, instead of the newest; see `dioptra history`.", valueName: "number"))
  var generation: Int?
  @OptionGroup var options: GlobalOptions

  func run() throws {
    let view = try options.view()
    let explainer = Explainer(
      view.deployment, of: view.registry, by: view.file, in: view.folder, state: view.state)
    let explanation = try explainer.explanation(of: view.relative(word, options), in: generation)
    try options.output.result(explanation) { text(explanation) }
  }

  private func text(_ explanation: Explanation) -> String {
    let width = explanation.facts.map(\.title.count).max() ?? 0
    let head = "\(options.output.bold(explanation.name)): \(explanation.kind.rawValue) of \(explanation.component)\n"
    return explanation.facts.reduce(into: head) { text, fact in
      for (index, words) in fact.words.enumerated() {
        text += "  \((index == 0 ? fact.title : "").padded(to: width))  \(words)\n"
      }
    }
  }
}

extension DeploymentView {
  /// A path relative to the current folder, as one relative to the deployment's folder.
  func relative(_ word: String, _ options: GlobalOptions) -> String {
    let path = DeploymentFolder.canonicalPlace(options.absolute(word))
    let prefix = folder.path + "/"
    return path.hasPrefix(prefix) && word.contains("/") ? String(path.dropFirst(prefix.count)) : word
  }
}
