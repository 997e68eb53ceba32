import Foundation
import TestSupport
import Testing

struct ImagesVerifyTests {
  /// - Parameter script: What a `cosign` on the path does; it gets its arguments in `cosign.calls`.
  private func installCosign(_ scene: ImagesShell, _ script: String) throws {
    try scene.scratch.write(
      "#!/bin/sh\necho \"$*\" >> '\(scene.scratch.file("cosign.calls"))'\n\(script)\n", to: "bin/cosign")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scene.scratch.file("bin/cosign"))
    try scene.scratch.write("a key", to: "upstream.pub")
  }

  @Test func imagesThatWereSavedAreComparedAndOtherOnesAreDifferences() async throws {
    let scene = try await ImagesShell()
    let names = try await scene.names()
    try await scene.run("images", "save", "lab.images", "-C", "lab")
    let clean = try await scene.run("images", "verify", "lab.images", "-C", "lab")
    #expect(
      clean.output == """
        \(names.count) of \(names.count) images are the saved ones; no service is running.
        Signatures were not verified; that needs cosign, and the publisher's key with --key.

        """)
    try scene.put(names[1], "something else")
    let other = try await scene.run("images", "verify", "lab.images", "-C", "lab", status: 2)
    #expect(other.output.contains("✗ \(names[1]) is sha256:") && other.output.contains(", and was saved as sha256:"))
    let report = try Shell.object(
      try await scene.run("images", "verify", "lab.images", "-C", "lab", "--json", status: 2))
    #expect(report["clean"] as? Bool == false)
    let images = try #require(report["images"] as? [[String: Any]])
    #expect(images.compactMap { $0["match"] as? String } == names.map { $0 == names[1] ? "different" : "same" })
  }

  @Test func aServiceThatRunsAnOlderImageIsNamed() async throws {
    let scene = try await ImagesShell()
    let listed = """
      [{"Id": "c1", "Names": ["/lab-redis-1"], "Image": "redis", "State": "running", "Labels": {
        "com.docker.compose.service": "dioptra-deployment-redis", "com.docker.compose.project": "lab",
        "com.docker.compose.project.working_dir": "\(scene.scratch.file("lab"))"}}]
      """
    try scene.scratch.write(listed, to: "store/.running")
    let name = try #require(try await scene.names().first { $0.hasPrefix("redis:") })
    let id = try await Tool.run("sha256sum", [scene.scratch.file(scene.file(of: name))]).output.prefix { $0 != " " }
    try scene.scratch.write("c1 sha256:\(id)\n", to: "store/.created")
    let clean = try await scene.run("images", "verify", "-C", "lab")
    #expect(clean.output.contains("1 of 1 running services run them"))
    try scene.put(name, "a newer one")
    let outcome = try await scene.run("images", "verify", "-C", "lab", status: 2)
    #expect(
      outcome.output.contains("✗ redis runs sha256:\(id), which is not \(name); `dioptra restart redis` recreates it"))
  }

  @Test func signaturesOfAllImagesAreVerifiedByDigest() async throws {
    let scene = try await ImagesShell()
    try installCosign(scene, "exit 0")
    let names = try await scene.names()
    let outcome = try await scene.run("images", "verify", "--key", "upstream.pub", "-C", "lab", "--verbose")
    #expect(outcome.output.components(separatedBy: "is verified\n").count == names.count + 1)
    let calls = try scene.scratch.read("cosign.calls").split(separator: "\n")
    #expect(calls.count == names.count)
    for (call, name) in zip(calls, names) {
      let bare = name.split(separator: ":")[0]
      #expect(call.hasPrefix("verify --key \(scene.scratch.file("upstream.pub")) \(bare)@sha256:"))
    }
  }

  @Test func anImageWithoutASignatureIsNamedWithItsCause() async throws {
    let scene = try await ImagesShell()
    try installCosign(scene, "case $* in *redis*) echo 'Error: no signatures found' >&2; exit 10;; esac")
    let outcome = try await scene.run("images", "verify", "--key", "upstream.pub", "-C", "lab", status: 2)
    let lines = outcome.output.split(separator: "\n").filter { $0.contains("✗") }
    #expect(lines.count == 1)
    #expect(lines.first?.contains("the signature of redis:") == true)
    #expect(lines.first?.hasSuffix("is not verified: Error: no signatures found") == true)
  }

  @Test func whereCosignOrTheKeyIsMissingThatIsSaid() async throws {
    let scene = try await ImagesShell()
    try scene.scratch.write("a key", to: "upstream.pub")
    let cosign = try await scene.run("images", "verify", "--key", "upstream.pub", "-C", "lab", status: 1)
    #expect(cosign.errors.hasPrefix("dioptra: cosign is not installed, and signatures cannot be verified without it. "))
    try installCosign(scene, "exit 0")
    let key = try await scene.run("images", "verify", "--key", "none.pub", "-C", "lab", status: 1)
    #expect(key.errors.contains("the key \(scene.scratch.file("none.pub")) cannot be read"))
    #expect(try scene.scratch.files()["cosign.calls"] == nil)
  }
}
