import Foundation
import Testing

@testable import DioptraSystem

struct RemedyTests {
  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  @Test func aCommandIsWordedAsAShellTakesIt() {
    let remedy: Remedy = "Run \(dioptra: "adopt", "/srv/my lab"), then \(run: "rm", "-f", "it's")"
    #expect(remedy.text == "Run `dioptra adopt '/srv/my lab'`, then `rm -f \"it's\"`")
    #expect(remedy.commands == [["dioptra", "adopt", "/srv/my lab"], ["rm", "-f", "it's"]])
    #expect(remedy.commandLine == "dioptra adopt '/srv/my lab' && rm -f \"it's\"")
    #expect(Remedy.run("dioptra", "config", "set", "db_port=…").commandLine == "dioptra config set db_port=…")
  }

  @Test(
    arguments: [
      ("Try again", Remedy.Kind.advice), ("Run \(dioptra: "init")", .command), ("Correct \(edit: ".env")", .edit),
      ("Choose another \(set: "db_port")", .set), ("Install \(install: "Docker")", .install),
      ("Correct \(edit: ".env"); see \(dioptra: "drift")", .edit),
    ] as [(Remedy, Remedy.Kind)])
  func itsKindIsThatOfItsFirstTypedPart(remedy: Remedy, kind: Remedy.Kind) {
    #expect(remedy.kind == kind)
  }

  @Test func programsFindEveryTypedPart() throws {
    let remedy: Remedy = "Set \(set: "A", to: "b c") in \(edit: ".env") or install \(install: "x"), then \(run: "y")"
    #expect(
      try json(remedy)
        == #"{"commands":[["y"]],"files":[".env"],"kind":"set","programs":["x"],"settings":[{"name":"A","value":"b c"}],"#
        + #""text":"Set A='b c' in .env or install x, then `y`"}"#)
  }

  @Test func remediesAreJoinedIntoOneSentence() throws {
    let error = DioptraError(.locked, "it is locked", remedy: "Wait", "Run \(run: "rm", "lock")", .run("reboot"))
    #expect(error.description == "it is locked. Wait; or run `rm lock`; or `reboot`.")
    #expect(error.commands == [["rm", "lock"], ["reboot"]])
    #expect(error.exitCode == .locked)
    #expect(try json(error).hasPrefix(#"{"code":"locked","exitCode":75,"problem":"it is locked","remedies":[{"#))
  }

  @Test func withoutARemedyOnlyTheProblemIsShown() {
    #expect(DioptraError(.internalFault, "it broke").description == "it broke.")
  }

  @Test func nothingInARemedySteersATerminal() {
    let hostile = "a\u{1B}[31mb"
    let remedy: Remedy =
      "\(hostile) \(run: "rm", hostile) \(edit: hostile) \(set: hostile, to: hostile) \(install: hostile)"
    #expect(!remedy.text.unicodeScalars.contains { $0.value < 0x20 })
    #expect(remedy.text.contains(#"rm $'a\x1B[31mb'"#))
  }

  @Test func aMistypedNameIsSuggestedOnlyWhereOneIsClose() {
    #expect(Remedy.name(like: "dbadmim", in: ["dbadmin", "minio"])?.text == "Perhaps dbadmin is meant")
    #expect(Remedy.name(like: "grafana", in: ["dbadmin", "minio"]) == nil)
  }
}
