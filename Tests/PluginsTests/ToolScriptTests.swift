import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// What the small tools do to files.
struct ToolScriptTests {
  private let folder: RenderedFolder
  private let place: Scratch

  init() throws {
    folder = try RenderedFolder()
    place = try Scratch()
    for name in ["from/a.crt", "from/b.crt", "from/c.txt", "from/deep/d.crt"] { try place.write(name, to: name) }
    try place.makeFolder("to")
  }

  /// Runs a tool in the scratch folder, as the owner of its files unless another one is given.
  private func run(
    _ tool: String, _ arguments: [String], owner: String? = Rig.owner, environment: [String: String] = [:]
  ) async throws -> Tool.Outcome {
    try await Tool.run(
      "/bin/bash", [folder.scratch.file("scripts/\(tool).sh")] + (owner.map { ["--chown", $0] } ?? []) + arguments,
      environment: environment, in: place.path)
  }

  @Test func fileCopyCopiesEachSourceToItsDestination() async throws {
    #expect(try await run("file-copy", ["from/a.crt", "to/x", "from/b.crt", "to/y z"]).succeeded)
    #expect(try place.read("to/x") == "from/a.crt")
    #expect(try place.read("to/y z") == "from/b.crt")
    #expect(try place.mode("to/x") == "0644")
    #expect(try await run("file-copy", ["--chmod", "0600", "from/c.txt", "to/x"]).succeeded)
    #expect(try place.read("to/x") == "from/c.txt")
    #expect(try place.mode("to/x") == "0600")
  }

  @Test func fileCopyCopiesAFolderOntoItsFormerCopy() async throws {
    for _ in 1...2 { #expect(try await run("file-copy", ["-r", "--chmod=0640", "from", "to/copy"]).succeeded) }
    #expect(
      try place.files(below: "to") == [
        "copy/a.crt": 0o640, "copy/b.crt": 0o640, "copy/c.txt": 0o640, "copy/deep/d.crt": 0o640,
      ])
    #expect(try place.mode("to/copy/deep") == place.mode("from/deep"))
  }

  @Test(arguments: [
    ["from/a.crt", "to/x", "from/b.crt"], ["from/none", "to/x", "from/b.crt", "to/y"], ["from", "to/x"],
  ])
  func fileCopyRefusesWhatItCannotPairOrRead(paths: [String]) async throws {
    #expect(try await run("file-copy", paths).status == 1)
    #expect(!place.has("to/y"))
  }

  @Test func globbedCopyCopiesTheTopLevelFilesThatMatch() async throws {
    try place.write("earlier", to: "to/old.crt")
    try place.write("other", to: "to/other.txt")
    #expect(try await run("globbed-copy", ["--chmod", "0600", "from", "to", "*.crt"]).succeeded)
    #expect(
      try place.files(below: "to") == ["a.crt": 0o600, "b.crt": 0o600, "old.crt": 0o600, "other.txt": 0o644])
  }

  @Test func globbedCopyChangesNothingWithoutAMatch() async throws {
    try place.write("earlier", to: "to/old.txt")
    let outcome = try await run("globbed-copy", ["--chmod", "0600", "from", "to", "*.pem"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("*.pem"))
    #expect(try place.files(below: "to") == ["old.txt": 0o644])
  }

  @Test func globbedCopyRefusesAFolderThatIsNotThere() async throws {
    #expect(try await run("globbed-copy", ["from", "none", "*.crt"]).status == 1)
    #expect(try await run("globbed-copy", ["none", "to", "*.crt"]).status == 1)
  }

  @Test func setPermissionsDistinguishesFilesFromFolders() async throws {
    #expect(
      try await run("set-permissions", ["--dir-chmod", "0700", "--file-chmod", "0600", "from", "from/a.crt"]).succeeded)
    #expect(try place.mode("from") == "0700")
    #expect(try place.files(below: "from") == ["a.crt": 0o600, "b.crt": 0o644, "c.txt": 0o644, "deep/d.crt": 0o644])
  }

  @Test func setPermissionsGoesDownWhereAsked() async throws {
    #expect(try await run("set-permissions", ["-r", "--dir-chmod=0750", "--file-chmod=0640", "from"]).succeeded)
    #expect(try place.mode("from") == "0750")
    #expect(try place.mode("from/deep") == "0750")
    #expect(Set(try place.files(below: "from").values) == [0o640])
  }

  @Test(arguments: [["from", "from/none"], ["-r", "from", "from/a.crt"], ["from", "/dev/null"]])
  func setPermissionsLooksAtAllPathsBeforeItChangesOne(arguments: [String]) async throws {
    let before = try place.mode("from")
    #expect(try await run("set-permissions", ["--dir-chmod", "0700"] + arguments).status == 1)
    #expect(try place.mode("from") == before)
  }

  @Test(.enabled(if: Rig.isRoot, "only root gives files away"))
  func theToolsGiveFilesToTheOwnerOfTheReference() async throws {
    #expect(try await run("file-copy", ["from/a.crt", "to/a"], owner: nil).succeeded)
    #expect(try place.owner("to/a") == "39000:100")
    #expect(try place.owner("to") == "0:0")
    #expect(try await run("globbed-copy", ["from", "to", "b.*"], owner: nil).succeeded)
    #expect(try place.owner("to") == "39000:100")
    #expect(try await run("set-permissions", ["--recursive", "from"], owner: nil).succeeded)
    #expect(try place.owner("from/deep/d.crt") == "39000:100")
    #expect(try await run("copy-extra-ca-certificates", ["--ca-directory=from", "--output=to"], owner: nil).succeeded)
    #expect(try place.owner("to/d.crt") == "0:0")
  }

  // MARK: copy-extra-ca-certificates

  @Test func copyCertificatesFlattensTheFolderAndKeepsWhatIsThere() async throws {
    try place.write("earlier", to: "to/old.crt")
    let outcome = try await run(
      "copy-extra-ca-certificates", ["--ca-directory", "from", "--output", "to", "--chmod=0640"])
    #expect(outcome.succeeded)
    #expect(try place.files(below: "to") == ["a.crt": 0o640, "b.crt": 0o640, "d.crt": 0o640, "old.crt": 0o640])
  }

  @Test func copyCertificatesMirrorsTheFolderWhereAsked() async throws {
    try place.write("earlier", to: "to/old.crt")
    try place.write("other", to: "to/README.md")
    let options = ["--ca-directory", "from", "--output", "to", "--mirror"]
    #expect(try await run("copy-extra-ca-certificates", options).succeeded)
    #expect(Set(try place.files(below: "to").keys) == ["README.md", "a.crt", "b.crt", "d.crt"])
    try FileManager.default.removeItem(atPath: place.file("from"))
    #expect(try await run("copy-extra-ca-certificates", options).succeeded)
    #expect(Set(try place.files(below: "to").keys) == ["README.md"])
  }

  @Test func copyCertificatesAcceptsAFolderWithoutCertificates() async throws {
    #expect(try await run("copy-extra-ca-certificates", ["--ca-directory", "none", "--output", "to"]).status == 0)
    #expect(try await run("copy-extra-ca-certificates", ["--ca-directory", "to", "--output", "to"]).status == 0)
    #expect(try place.files(below: "to").isEmpty)
  }

  @Test func copyCertificatesNeedsATargetAndHasNoUpdateOnAnUnknownDistribution() async throws {
    try place.write("ID=plan9\n", to: "os-release")
    let elsewhere = ["OS_RELEASE_FILE": place.file("os-release")]
    let source = ["--ca-directory", "from"]
    #expect(try await run("copy-extra-ca-certificates", source, environment: elsewhere).status == 1)
    let update = source + ["--output", "to", "--update"]
    #expect(try await run("copy-extra-ca-certificates", update, environment: elsewhere).status == 1)
    #expect(try place.files(below: "to").isEmpty)
    #expect(try await run("copy-extra-ca-certificates", source + ["--output", "to"], environment: elsewhere).succeeded)
  }

  // MARK: git-clone

  @Test(.needs("git")) func gitCloneClonesTheChosenBranchAndSetsModes() async throws {
    let url = try await repository()
    #expect(try await run("git-clone", ["--branch", "topic", "--single-branch", url, "to"]).succeeded)
    #expect(try place.read("to/project/run.sh") == "topic")
    #expect(try place.mode("to/project/run.sh") == "0644")
    #expect(try await git(["-C", "to/project", "branch", "--remotes"]).output == "  origin/topic\n")
    #expect(try await git(["-C", "to/project", "status", "--porcelain"]).output == "")
  }

  @Test(.needs("git")) func gitCloneKeepsACloneUnlessForced() async throws {
    let url = try await repository()
    #expect(try await run("git-clone", [url, "to"]).succeeded)
    #expect(try place.read("to/project/run.sh") == "main")
    try place.write("mine", to: "to/project/run.sh")
    #expect(try await run("git-clone", [url, "to"]).succeeded)
    #expect(try place.read("to/project/run.sh") == "mine")
    #expect(try await run("git-clone", ["--force", "--branch", "none", url, "to"]).status == 1)
    #expect(try place.read("to/project/run.sh") == "mine")
    #expect(try await run("git-clone", ["-f", "-b", "v1", url, "to"]).succeeded)
    #expect(try place.read("to/project/run.sh") == "topic")
  }

  @Test(.needs("git")) func gitCloneNeverShowsATokenOrTakesAPasswordInTheURL() async throws {
    let url = try await repository()
    let access = ["GIT_ACCESS_USER": "me", "GIT_ACCESS_TOKEN": "top-secret", "GIT_TRACE": "1"]
    let outcome = try await run("git-clone", [url, "to"], environment: access)
    #expect(outcome.succeeded)
    #expect(!(outcome.output + outcome.errors + (try place.read("to/project/.git/config"))).contains("top-secret"))
    for address in ["https://me:top-secret@host", "https://top-secret@host", "ssh://me:top-secret@host"] {
      let refused = try await run("git-clone", ["\(address)/other.git", "to"])
      #expect(refused.status == 1)
      #expect(refused.errors.contains("GIT_ACCESS_TOKEN") && !refused.errors.contains("top-secret"))
    }
  }

  /// A bare repository with the branches `main` and `topic` and the tag `v1`.
  private func repository() async throws -> String {
    _ = try await git(["init", "--quiet", "--initial-branch=main", "work"])
    for branch in ["main", "topic"] {
      if branch == "topic" { _ = try await git(["-C", "work", "checkout", "--quiet", "-b", branch]) }
      try place.write(branch, to: "work/run.sh")
      _ = try await Tool.run("/bin/chmod", ["+x", place.file("work/run.sh")])
      _ = try await git(["-C", "work", "add", "run.sh"])
      _ = try await git(["-C", "work", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", branch])
    }
    _ = try await git(["-C", "work", "tag", "v1"])
    _ = try await git(["-C", "work", "checkout", "--quiet", "main"])
    _ = try await git(["clone", "--quiet", "--bare", "work", "project.git"])
    return "file://\(place.file("project.git"))"
  }

  private func git(_ arguments: [String]) async throws -> Tool.Outcome {
    let outcome = try await Tool.run(
      "git", arguments, environment: ["GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"], in: place.path)
    try #require(outcome.succeeded, "git \(arguments): \(outcome.errors)")
    return outcome
  }
}
