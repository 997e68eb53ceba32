import TestSupport
import Testing

struct HelpTests {
  @Test(arguments: [
    [], ["init"], ["upgrade"], ["rollback"], ["config"], ["config", "list"], ["config", "get"], ["config", "set"],
    ["component"],
    ["component", "list"], ["component", "show"], ["component", "enable"], ["component", "disable"], ["secret"],
    ["secret", "list"], ["secret", "show"], ["steps"], ["start"], ["stop"], ["restart"], ["ps"], ["logs"], ["status"],
    ["adopt"], ["drift"], ["doctor"], ["explain"], ["history"], ["history", "list"], ["history", "show"],
    ["history", "diff"],
    ["history", "verify"], ["history", "head"], ["history", "export"],
    ["backup"], ["restore"], ["images"], ["images", "list"], ["images", "save"], ["images", "load"],
    ["images", "verify"],
  ])
  func helpIsTheGoldenOne(command: [String]) async throws {
    let outcome = try await Tool.run(Tool.dioptra, command + ["--help"], environment: ["COLUMNS": "100"])
    #expect(outcome.status == 0)
    let name = (["dioptra"] + command).joined(separator: "-")
    try Golden().expect(outcome.output, in: "help/\(name).txt")
  }
}
