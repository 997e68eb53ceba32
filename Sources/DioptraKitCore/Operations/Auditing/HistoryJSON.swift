internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Runs as JSON, in the layout of all results. Written by hand, because an encoder takes twice as long for ten thousand
/// runs as everything else together.
package struct HistoryJSON: Sendable {
  package let text: String

  package init(_ runs: [HistoryRun]) {
    var text = "{\n  \"runs\" : ["
    text.reserveCapacity(runs.count * 400)
    for (index, run) in runs.enumerated() {
      text += index == 0 ? "\n    {\n" : ",\n    {\n"
      func add(_ key: String, _ value: String?, end: String = ",\n") {
        text += "      \""
        text += key
        text += "\" : "
        text += value ?? "null"
        text += end
      }
      add("command", run.command.jsonString)
      add("components", run.components.map(Self.array))
      add("filesChanged", String(run.filesChanged))
      add("finishedAt", run.finishedAt?.jsonString)
      add("generation", run.generation.map { String($0) })
      add("host", run.host.jsonString)
      add("id", String(run.id))
      add("outcome", run.outcome?.rawValue.jsonString)
      add("startedAt", run.startedAt.jsonString)
      add("steps", String(run.steps))
      add("user", run.user.jsonString)
      add("version", run.version.jsonString, end: "\n    }")
    }
    self.text = text + (runs.isEmpty ? "\n\n  ]\n}\n" : "\n  ]\n}\n")
  }

  private static func array(_ changes: [ComponentChange]) -> String {
    let items = changes.map { change in
      """
              {
                "from" : \(change.from),
                "id" : \(change.id.rawValue.jsonString),
                "to" : \(change.to)
              }
      """
    }
    return "[\n" + items.joined(separator: ",\n") + "\n      ]"
  }
}
