import Foundation
import TestSupport
import Testing

/// A deployment of dioptra's whose State was lost is rebuilt from its files.
struct LostStateTests {
  private let shell: Shell
  private var scratch: Scratch { shell.scratch }

  init() async throws {
    shell = try Shell()
    _ = try await shell.dioptra("init", "lab", "--no-input", "--set", "num_pytorch_gpu_workers=1")
  }

  private func lose() throws {
    try FileManager.default.removeItem(atPath: scratch.file("lab/.dioptra"))
  }

  @Test func everythingIsAsBefore() async throws {
    let secrets = try shell.values(of: "lab/.env")
    let before = try scratch.files(below: "lab").filter { !$0.key.hasPrefix(".dioptra/") }
    try lose()
    let adopted = try await shell.dioptra("adopt", "lab")
    #expect(adopted.status == 0, "\(adopted.errors)")
    #expect(adopted.output.contains("that lost its state"))
    #expect(try await shell.dioptra("drift", "-C", "lab").status == 0)
    let again = try await shell.dioptra("init", "lab", "--no-input")
    #expect(again.output.contains("nothing to change"), "\(again.output)")
    #expect(try shell.values(of: "lab/.env") == secrets)
    #expect(try scratch.files(below: "lab").filter { !$0.key.hasPrefix(".dioptra/") } == before)
    let name = try await shell.dioptra("secret", "show", "dioptra_deploy_secret_key", "-C", "lab").output
    #expect(name == "\(secrets["DIOPTRA_DEPLOY_SECRET_KEY"] ?? "")\n")
  }

  @Test func editsStayEdits() async throws {
    try scratch.write(try scratch.read("lab/README.md") + "Mine.\n", to: "lab/README.md")
    try scratch.write("mine\n", to: "lab/config/nginx/mine.conf")
    try FileManager.default.removeItem(atPath: scratch.file("lab/scripts/file-copy.m4"))
    try lose()
    let adopted = try await shell.dioptra("adopt", "lab")
    #expect(adopted.status == 0, "\(adopted.errors)")
    #expect(adopted.output.contains("Mine."))
    #expect(try await shell.dioptra("drift", "-C", "lab").status == 0)
    let changed = try await shell.dioptra("init", "lab", "--no-input", "--set", "nginx_proxy_read_timeout=5m")
    #expect(changed.status == 0, "\(changed.errors)")
    #expect(try scratch.read("lab/README.md").hasSuffix("Mine.\n"))
    #expect(try scratch.read("lab/config/nginx/mine.conf") == "mine\n")
    #expect(try scratch.read("lab/config/nginx/http_proxy.conf").contains("proxy_read_timeout 5m;"))
    #expect(try scratch.files(below: "lab")["scripts/file-copy.m4"] == nil)
  }

  @Test func alsoWithoutItsConfiguration() async throws {
    try lose()
    try FileManager.default.removeItem(atPath: scratch.file("lab/dioptra.yaml"))
    let adopted = try await shell.dioptra("adopt", "lab")
    #expect(adopted.status == 0, "\(adopted.errors)")
    #expect(try scratch.read("lab/dioptra.yaml").contains("\nnum_pytorch_gpu_workers: 1\n"))
    #expect(try await shell.dioptra("drift", "-C", "lab").status == 0)
    let again = try await shell.dioptra("init", "lab", "--no-input")
    #expect(again.output.contains("nothing to change"), "\(again.output)")
  }

  @Test func inAnotherPlaceToo() async throws {
    try lose()
    try FileManager.default.moveItem(atPath: scratch.file("lab"), toPath: scratch.file("elsewhere"))
    let adopted = try await shell.dioptra("adopt", "elsewhere")
    #expect(adopted.status == 0, "\(adopted.errors)")
    #expect(try await shell.dioptra("drift", "-C", "elsewhere").status == 0)
    #expect(try await shell.dioptra("init", "elsewhere", "--no-input").status == 0)
    #expect(
      try scratch.read("elsewhere/systemd/dioptra.service").contains("WorkingDirectory=\(scratch.file("elsewhere"))\n"))
  }
}
