/// What `init` did, or would do.
struct InitReport: Encodable {
  struct Step: Encodable {
    let id: String
    let title: String
  }

  let folder: String
  let isNew: Bool
  /// The files that were missing.
  let create: [String]
  /// The files that are not as rendered, which were left alone.
  let differ: [String]
  /// The steps that initialise the deployment on an engine, none of which has run.
  let steps: [Step]

  enum CodingKeys: String, CodingKey {
    case folder, isNew = "new", create, differ, steps = "pendingSteps"
  }

  func text(_ output: Output) -> String {
    var lines: [String] = []
    if create.isEmpty {
      lines.append("\(folder): no file is missing.")
    } else {
      lines.append("\(folder): \(create.count) files \(isNew ? "written" : "were missing and are written").")
      if output.isVerbose || !isNew { lines += create.map { "  \($0)" } }
    }
    if !differ.isEmpty {
      lines += ["", "These files are not as dioptra.yaml says, and were left alone:"] + differ.map { "  \($0)" }
    }
    lines += ["", "Pending steps:"] + steps.enumerated().map { "  \($0.offset + 1). \($0.element.title)" }
    lines += ["", "Next, on a host with Docker: \(folder)/init-deployment.sh"]
    return lines.joined(separator: "\n")
  }
}
