import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// `init-deployment.sh` with a stand-in for Docker that records its calls.
struct StandaloneScriptTests {
  private let notes: Scratch
  private let tools: String

  init() throws {
    notes = try Scratch()
    tools = Rig.file("docker")
  }

  /// Runs the script, by default with its absolute path from another folder.
  private func run(
    _ folder: RenderedFolder, _ arguments: [String] = [], as command: [String]? = nil, in place: String? = nil,
    environment: [String: String] = [:]
  ) async throws -> Tool.Outcome {
    let path = "\(tools):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    return try await Tool.run(
      "env", (command ?? [folder.scratch.file("init-deployment.sh")]) + arguments,
      environment: ["PATH": path, "DOCKER_NOTES": notes.path, "DIOPTRA_STANDALONE": "1"].merging(environment) { $1 },
      in: place ?? notes.path)
  }

  /// What Docker was called with, without the questions about volumes.
  private func calls(_ folder: RenderedFolder? = nil) throws -> [String] {
    guard notes.has("calls") else { return [] }
    return try notes.read("calls").replacing(folder?.path ?? "\0", with: "<folder>")
      .split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("docker ps --quiet --filter volume=") && !$0.hasPrefix("docker volume ") }
      .filter { !$0.contains(" --entrypoint cat ") && !$0.contains("compose.project=") && !$0.contains("working_dir") }
  }

  private func expected(_ name: String) throws -> [String] {
    try String(contentsOfFile: Rig.file("docker/\(name).txt"), encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func secureFolder() throws -> RenderedFolder {
    let folder = try RenderedFolder(["enable_nginx_ssl": "true", "enable_postgres_ssl": "true"])
    for file in ["nginx/server.crt", "nginx/server.key", "db/server.crt", "db/server.key"] {
      try folder.scratch.write("", to: "ssl/\(file)")
    }
    return folder
  }

  // MARK: Calls

  @Test func itCallsDockerStepByStep() async throws {
    let folder = try RenderedFolder()
    let outcome = try await run(folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    #expect(try calls(folder) == expected("default"))
  }

  @Test func itCallsDockerWithTheFlagsOfTLS() async throws {
    let folder = try secureFolder()
    #expect(
      try await run(folder, ["--enable-nginx-ssl", "--enable-postgres-ssl", "--worker-ssl-service", "tfcpu"]).succeeded)
    #expect(try calls(folder) == expected("tls"))
  }

  @Test func skipMinioSetupLeavesOutOneCall() async throws {
    let folder = try RenderedFolder()
    #expect(try await run(folder, ["--skip-minio-setup"]).succeeded)
    #expect(try calls(folder) == expected("default").filter { !$0.contains("init-minio.sh") })
  }

  @Test func theBranchReachesTheClone() async throws {
    let folder = try RenderedFolder()
    #expect(try await run(folder, ["--python", "none", "--branch", "dev"]).succeeded)
    #expect(try calls(folder) == expected("default").map { $0.replacing("--branch 1.1.0", with: "--branch dev") })
  }

  @Test func imagesThatAreThereAreNotFetched() async throws {
    let folder = try RenderedFolder()
    #expect(try await run(folder, environment: ["DOCKER_HAS": "example/*"]).succeeded)
    #expect(try calls(folder) == expected("default").filter { !$0.hasPrefix("docker pull") })
  }

  @Test func aStandaloneComposeIsCalledByItsPath() async throws {
    try FileManager.default.copyItem(atPath: "\(tools)/docker", toPath: notes.file("compose-2"))
    let folder = try RenderedFolder(["docker_compose_path": notes.file("compose-2")])
    #expect(try await run(folder).succeeded)
    #expect(try calls(folder) == expected("default").map { $0.replacing("docker compose -f", with: "compose-2 -f") })
  }

  @Test func noSecretIsInAnyArgument() async throws {
    let made = try await Tool.run(Tool.dioptra, ["init", notes.file("made"), "--no-input", "--render-only"])
    try #require(made.succeeded, "\(made.errors)")
    let secrets = try notes.read("made/.env").split(separator: "\n").flatMap { $0.split { "=:@/".contains($0) } }
      .filter { $0.count >= 26 && $0.allSatisfy { $0.isLetter || $0.isNumber } }
    #expect(secrets.count >= 8)
    let outcome = try await run(RenderedFolder(), as: [notes.file("made/init-deployment.sh")])
    #expect(outcome.succeeded, "\(outcome.errors)")
    let said = try notes.read("calls") + notes.read("environment") + outcome.output
    for secret in secrets { #expect(!said.contains(secret)) }
    #expect(!(try notes.read("environment")).contains("PASSWORD"))
  }

  // MARK: Where it is called

  @Test(arguments: [
    ["lab one/init-deployment.sh"], ["bash", "lab one/init-deployment.sh"], ["link/init-deployment.sh"],
    ["./init.sh"], ["CDPATH=.", "lab one/init-deployment.sh"],
  ])
  func itFindsItsFolderFromElsewhere(command: [String]) async throws {
    let place = try Scratch()
    let folder = try RenderedFolder()
    try FileManager.default.copyItem(atPath: folder.path, toPath: place.file("lab one"))
    try FileManager.default.createSymbolicLink(atPath: place.file("link"), withDestinationPath: "lab one")
    try FileManager.default.createSymbolicLink(
      atPath: place.file("init.sh"), withDestinationPath: "lab one/init-deployment.sh")
    let outcome = try await run(folder, as: command, in: place.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let there = place.file("lab\\ one")
    #expect(try calls() == expected("default").map { $0.replacing("<folder>", with: there) })
  }

  @Test(arguments: [["./init-deployment.sh"], ["bash", "init-deployment.sh"]])
  func itFindsItsFolderFromInside(command: [String]) async throws {
    let folder = try RenderedFolder()
    #expect(try await run(folder, as: command, in: folder.path).status == 0)
    #expect(try calls(folder) == expected("default"))
  }

  // MARK: Options

  @Test(arguments: [["--help"], ["-h"], ["--branch", "dev", "--skip-minio-setup", "--help", "--unknown"]])
  func helpIsPrintedAndNothingElseHappens(arguments: [String]) async throws {
    let outcome = try await run(RenderedFolder(), arguments)
    #expect(outcome.status == 0)
    for option in [
      "branch", "skip-minio-setup", "enable-nginx-ssl", "enable-postgres-ssl", "worker-ssl-service", "python",
    ] {
      #expect(outcome.output.contains("\n  --\(option) "), "\(option)")
    }
    #expect(outcome.errors == "")
    #expect(try calls().isEmpty)
  }

  @Test(arguments: [
    ["--unknown"], ["word"], ["--branch=dev"], ["--branch"], ["--python"], ["--worker-ssl-service"],
    ["--worker-ssl-service", "gpu"], ["--skip-minio-setup", "--branch"], [""],
  ])
  func aWrongCommandLineIsRefused(arguments: [String]) async throws {
    let outcome = try await run(RenderedFolder(), arguments)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("Initialise dioptra-deployment: ERROR: "))
    #expect(try calls().isEmpty)
  }

  @Test(arguments: [
    (["--enable-nginx-ssl"], "dioptra config set enable_nginx_ssl=true"),
    (["--enable-postgres-ssl"], "dioptra config set enable_postgres_ssl=true"),
    (["--worker-ssl-service", "pytorchcpu"], "dioptra config set worker_ssl_service=pytorchcpu"),
  ])
  func whatTheFolderIsNotMadeForIsRefusedWithTheCommandThatChangesIt(arguments: [String], command: String) async throws
  {
    let outcome = try await run(RenderedFolder(), arguments)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(command))
    #expect(try calls().isEmpty)
  }

  // MARK: What must be there

  @Test(arguments: [".env", "secrets/postgres-passwd.env", "secrets/dioptra-deployment-minio-accounts.env"])
  func aMissingFileOfPasswordsIsNamed(file: String) async throws {
    try await expectMissing(file, of: RenderedFolder())
  }

  @Test(arguments: ["ssl/nginx/server.crt", "ssl/nginx/server.key", "ssl/db/server.crt", "ssl/db/server.key"])
  func aMissingFileOfAPairIsNamed(file: String) async throws {
    try await expectMissing(file, of: secureFolder())
  }

  private func expectMissing(_ file: String, of folder: RenderedFolder) async throws {
    try FileManager.default.removeItem(atPath: folder.scratch.file(file))
    let outcome = try await run(folder)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("\(file) is missing"))
    #expect(try calls() == ["docker info"])
  }

  @Test func aDeploymentThatRunsIsRefused() async throws {
    let folder = try RenderedFolder()
    let outcome = try await run(folder, environment: ["DOCKER_RUNNING": "f00d"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("is running") && outcome.errors.contains("docker compose down"))
    #expect(try calls(folder) == Array(expected("default").prefix(2)))
    let asked = try notes.read("calls").split(separator: "\n").compactMap {
      $0.split(separator: "volume=").dropFirst().first
    }
    let compose = try folder.scratch.read("docker-compose.yml").split(separator: "\n")
    let volumes = compose.compactMap { $0.split(separator: "name: dioptra-deployment_").dropFirst().first }
    #expect(Set(asked) == Set(volumes.filter { $0 != "dioptra" }.map { "dioptra-deployment_\($0)" }))
  }

  @Test(arguments: [["DOCKER_RUNNING": "f00d"], ["DOCKER_PROJECT": "f00d"]])
  func containersOfAnotherFolderAreRefused(containers: [String: String]) async throws {
    let folder = try RenderedFolder()
    for arguments in [["--check"], []] {
      let environment = containers.merging(["DOCKER_HOME": notes.path]) { $1 }
      let outcome = try await run(folder, arguments, environment: environment)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("a container of the folder \(notes.path) uses"), "\(outcome.errors)")
      #expect(try !notes.read("calls").contains(" up "))
    }
  }

  @Test(arguments: [("", 0), ("dioptra-deployment_minio-data", 0), ("/nowhere", 1)])
  func beforeAStartItChecksAndChangesNothing(other: String, status: Int) async throws {
    let folder = try RenderedFolder()
    let isForeign = status == 1
    let outcome = try await run(
      folder, ["--check"],
      environment: [
        "DOCKER_RUNNING": "f00d", "DOCKER_HOME": folder.path, "DOCKER_VOLUMES": "dioptra-deployment_minio-data",
        "DOCKER_OWN": isForeign ? "" : "dioptra-deployment_minio-data",
      ])
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains("belongs to another deployment") == isForeign)
    #expect(try calls(folder).allSatisfy { $0 == "docker info" })
  }

  @Test func aVolumeOfSomethingElseIsRefused() async throws {
    let folder = try RenderedFolder()
    let volume = "dioptra-deployment_minio-data"
    let own = try await run(folder, environment: ["DOCKER_VOLUMES": volume, "DOCKER_OWN": volume])
    #expect(own.succeeded, "\(own.errors)")
    let foreign = try await run(folder, environment: ["DOCKER_VOLUMES": volume])
    #expect(foreign.status == 1)
    #expect(foreign.errors.contains("\(volume) belongs to something else"))
  }

  @Test func dataOfAnotherMajorVersionOfTheDatabaseAreRefusedBeforeAnyStepUsesThem() async throws {
    let folder = try RenderedFolder()
    let outcome = try await run(folder, environment: ["DOCKER_DATA": "16"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("dioptra-deployment_postgres-data are of PostgreSQL 16"))
    #expect(try calls(folder).allSatisfy { !$0.contains(" run --rm --no-deps ") && !$0.contains(" up -d ") })
  }

  // MARK: Handing over

  @Test func whereDioptraIsInstalledAndRemembersTheDeploymentItDoesTheWork() async throws {
    let folder = try RenderedFolder()
    try folder.scratch.write("", to: ".dioptra/state.db")
    try notes.write("#!/bin/sh\necho \"$@\" >>\"$DOCKER_NOTES/handed\"; exit ${HANDED_STATUS:-0}\n", to: "bin/dioptra")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: notes.file("bin/dioptra"))
    let path = "\(notes.file("bin")):\(tools):/usr/bin:/bin"
    let arguments = ["--branch", "dev", "--python", "python3", "--worker-ssl-service", "tfcpu", "--skip-minio-setup"]
    let handed = try await run(folder, arguments, environment: ["PATH": path, "DIOPTRA_STANDALONE": ""])
    #expect(handed.succeeded, "\(handed.errors)")
    #expect(
      try notes.read("handed")
        == "init \(folder.path) --no-input --branch dev --worker-ssl-service tfcpu --skip-minio-setup\n")
    #expect(try calls().isEmpty)
    let failed = try await run(folder, environment: ["PATH": path, "DIOPTRA_STANDALONE": "", "HANDED_STATUS": "3"])
    #expect(failed.status == 1)
    #expect(try await run(folder, environment: ["PATH": path]).succeeded)
    #expect(try !calls().isEmpty)
  }

  @Test func containersThatWereLeftBehindAreRemoved() async throws {
    let folder = try RenderedFolder()
    #expect(try await run(folder, environment: ["DOCKER_LEFT": "f00d\nbeef"]).succeeded)
    var calls = try calls(folder)
    #expect(calls.remove(at: 2) == "docker rm --force f00d beef")
    #expect(try calls == expected("default"))
  }

  // MARK: Failures

  @Test(arguments: [
    ("*config --images", "Fetch images"), ("*pull example/web*", "Fetch images"),
    ("*nginx-ssl *", "Fill the trust store of nginx"), ("* named-volumes *", "Fill the volumes"),
    ("*up -d --no-deps minio", "Start the object store"), ("*mc /scripts*", "Set up the object store"),
    ("*manage-postgres*", "Set PostgreSQL's access rules"), ("*git-clone*", "Fetch the front end's sources"),
  ])
  func aFailedStepIsNamedAndEverythingIsStopped(pattern: String, step: String) async throws {
    let folder = try RenderedFolder()
    let outcome = try await run(folder, environment: ["DOCKER_FAILS": pattern])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("ERROR: failed: \(step)"))
    let calls = try calls(folder)
    #expect(calls.last == "docker compose -f <folder>/docker-compose.init.yml down")
    #expect(calls.dropLast().elementsEqual(try expected("default").prefix(calls.count - 1)))
  }

  @Test(arguments: ["* info", "* ps --all *", "* ps --quiet *", "* rm *"])
  func aDockerThatDoesNotAnswerEndsItBeforeTheFirstStep(pattern: String) async throws {
    let outcome = try await run(RenderedFolder(), environment: ["DOCKER_FAILS": pattern, "DOCKER_LEFT": "f00d"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(": ERROR: "))
    #expect(try calls().allSatisfy { !$0.contains(" compose ") })
  }

  @Test func aServiceThatIsNeverReadyEndsItAtTheDeadlineAndShowsItsLog() async throws {
    let folder = try RenderedFolder()
    let script = try folder.scratch.read("init-deployment.sh")
    let hurried = script.replacing("step 'Start PostgreSQL' 300", with: "step 'Start PostgreSQL' 4")
    try #require(hurried != script)
    try folder.scratch.write(hurried, to: "init-deployment.sh")
    let outcome = try await run(
      folder, as: ["bash", folder.scratch.file("init-deployment.sh")], environment: ["DOCKER_FAILS": "*pg_isready*"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("last words of db"))
    #expect(outcome.errors.contains("ERROR: not done after 4 seconds: Start PostgreSQL"))
    #expect(try calls(folder).last == "docker compose -f <folder>/docker-compose.init.yml down")
  }

  @Test func aCallThatHangsEndsAtTheDeadline() async throws {
    let folder = try RenderedFolder()
    let script = try folder.scratch.read("init-deployment.sh")
    try folder.scratch.write(
      script.replacing("step 'Fill the volumes' 120", with: "step 'Fill the volumes' 1"), to: "init-deployment.sh")
    let outcome = try await run(
      folder, as: ["bash", folder.scratch.file("init-deployment.sh")],
      environment: ["DOCKER_HANGS": "* named-volumes *"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("ERROR: not done after 1 seconds: Fill the volumes"))
  }

  @Test func anInterruptionStopsEverything() async throws {
    let folder = try RenderedFolder()
    let outcome = try await run(folder, environment: ["DOCKER_STOPS": "* named-volumes *"])
    #expect(outcome.status == 1)
    let calls = try calls(folder)
    #expect(calls.dropLast().last?.contains(" named-volumes ") == true)
    #expect(calls.last == "docker compose -f <folder>/docker-compose.init.yml down")
  }
}
