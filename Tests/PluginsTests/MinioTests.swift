import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// `init-minio.sh` runs with only what the client's image has, and a stand-in for the client.
struct MinioTests {
  private static let accounts = "secrets/dioptra-deployment-minio-accounts.env"
  private static let users = ["dioptra-mlflow-tracking", "dioptra-restapi", "dioptra-worker"]
  private static let policy = "mlflow-tracking-readwrite"

  private let folder: RenderedFolder
  private let notes: Scratch

  /// Links Bash and the coreutils into a folder that is all the script finds programs in.
  init() throws {
    folder = try RenderedFolder()
    notes = try Scratch()
    try notes.makeFolder("bin")
    for program in [
      "bash", "cat", "chmod", "cp", "cut", "date", "env", "head", "mkdir", "mktemp", "mv", "printf", "rm", "sleep",
      "sort", "tail", "timeout", "tr", "wc",
    ] {
      let found = ["/usr/bin", "/bin"].map { "\($0)/\(program)" }.first(where: FileManager.default.fileExists)
      try FileManager.default.createSymbolicLink(
        atPath: notes.file("bin/\(program)"), withDestinationPath: try #require(found, "\(program)"))
    }
    try FileManager.default.createSymbolicLink(
      atPath: notes.file("bin/mc"), withDestinationPath: Rig.file("minio/mc"))
  }

  private func run(_ arguments: [String] = [], environment: [String: String] = [:]) async throws -> Tool.Outcome {
    try await folder.run(
      "scripts/init-minio.sh", arguments,
      environment: [
        "PATH": notes.file("bin"), "MC_NOTES": notes.path, "SECRETS_DIR": folder.scratch.file("secrets"),
        "POLICY_DIR": folder.scratch.file("config/minio"), "MINIO_WAIT_SECONDS": "10",
      ].merging(environment) { $1 })
  }

  private func calls() throws -> [String] {
    guard notes.has("calls") else { return [] }
    return try notes.read("calls").replacing(folder.path, with: "<folder>").split(separator: "\n").map(String.init)
  }

  /// The calls for an account that has every policy already.
  private func check(_ user: String) -> [String] {
    ["--json admin user add minio", "--json admin policy entities minio --user \(user)"]
  }

  private func attach(_ user: String) -> String {
    "--json admin policy attach minio \(Self.policy) --user \(user)"
  }

  private let preparation = [
    "--json ls minio", "--json mb --ignore-existing minio/mlflow-tracking",
    "--json admin policy create minio mlflow-tracking-readwrite "
      + "<folder>/config/minio/mlflow-tracking-readwrite-policy.json",
  ]

  // MARK: The policy

  private struct Policy: Decodable, Equatable {
    struct Statement: Decodable, Equatable {
      var Effect: String
      var Action: [String]
      var Resource: [String]
      var Condition: [String: [String: [String]]]?
    }
    var Version: String
    var Statement: [Statement]
  }

  @Test func thePolicyIsThatOfTheReference() throws {
    let text = try folder.scratch.read("config/minio/mlflow-tracking-readwrite-policy.json")
    #expect(
      try JSONDecoder().decode(Policy.self, from: Data(text.utf8))
        == Policy(
          Version: "2012-10-17",
          Statement: [
            .init(
              Effect: "Allow", Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
              Resource: ["arn:aws:s3:::mlflow-tracking/artifacts/*"]),
            .init(
              Effect: "Allow", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::mlflow-tracking"],
              Condition: ["StringLike": ["s3:prefix": ["artifacts/*"]]]),
          ]))
  }

  // MARK: The calls

  @Test func itMakesBucketPolicyAccountsAndAttachments() async throws {
    let outcome = try await run()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try calls() == preparation + Self.users.flatMap { check($0) + [attach($0)] })
  }

  @Test func theListShowsWhatExistsAndChangesNothing() async throws {
    #expect(try await run().succeeded)
    let before = try calls().count
    let outcome = try await run(["--list"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let accounts = Self.users.map { "account \($0)" }
    let policies = Self.users.map { "policy \(Self.policy) of \($0)" }
    #expect(outcome.output.split(separator: "\n").map(String.init) == ["bucket mlflow-tracking"] + accounts + policies)
    #expect(
      try calls().dropFirst(before).allSatisfy {
        $0.contains(" ls ") || $0.contains(" list ") || $0.contains(" entities ")
      })
  }

  @Test func aSecondRunAttachesNothing() async throws {
    #expect(try await run().succeeded)
    try FileManager.default.removeItem(atPath: notes.file("calls"))
    #expect(try await run().succeeded)
    #expect(try calls() == preparation + Self.users.flatMap(check))
  }

  @Test(arguments: users) func onlyWhatIsMissingIsAttached(user: String) async throws {
    for other in Self.users where other != user { try notes.write("", to: "attached/\(other)/\(Self.policy)") }
    #expect(try await run().succeeded)
    #expect(try calls().filter { $0.contains(" attach ") } == [attach(user)])
  }

  @Test func everyPolicyOfAListIsAttachedAndOthersAreLeft() async throws {
    let text = try folder.scratch.read(Self.accounts)
    try folder.scratch.write(
      text.replacing("MINIO_RESTAPI_POLICIES=\(Self.policy)", with: "MINIO_RESTAPI_POLICIES=readonly, diagnostics"),
      to: Self.accounts)
    try notes.write("", to: "attached/dioptra-restapi/\(Self.policy)")
    try notes.write("", to: "attached/dioptra-restapi/diagnostics")
    let outcome = try await run()
    #expect(outcome.succeeded)
    #expect(outcome.output.contains("dioptra-restapi also has \(Self.policy)"))
    #expect(
      try calls().filter { $0.contains(" attach ") && $0.hasSuffix("restapi") } == [
        "--json admin policy attach minio readonly --user dioptra-restapi"
      ])
  }

  @Test func passwordsGoThroughStandardInputAndTheEnvironmentOnly() async throws {
    let outcome = try await run()
    #expect(
      try notes.read("input") == """
        dioptra-mlflow-tracking
        <minio_mlflow_tracking_password>
        dioptra-restapi
        <minio_restapi_password>
        dioptra-worker
        <minio_worker_password>

        """)
    #expect(
      Set(try notes.read("hosts").split(separator: "\n")) == [
        "http://dioptra-admin:<minio_root_password>@dioptra-deployment-minio:9000"
      ])
    for text in [try calls().joined(), outcome.output, outcome.errors] { #expect(!text.contains("<minio_")) }
  }

  // MARK: What stops it

  @Test func aServerThatIsNotReadyYetIsWaitedFor() async throws {
    #expect(try await run(environment: ["MC_DOWN": "2"]).succeeded)
    #expect(try calls().prefix(4) == ["--json ls minio", "--json ls minio"] + preparation.prefix(2))
  }

  @Test func aServerThatIsNeverReadyEndsItAtTheLimit() async throws {
    let outcome = try await run(environment: ["MC_DOWN": "99", "MINIO_WAIT_SECONDS": "1"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("dioptra-deployment-minio:9000 was not ready within 1 seconds"))
    #expect(outcome.errors.contains("connection refused"))
  }

  @Test(arguments: ["InvalidAccessKeyId", "SignatureDoesNotMatch"])
  func anotherRootAccountIsReportedAtOnce(reason: String) async throws {
    let outcome = try await run(environment: ["MC_FAILS": "ls minio", "MC_REASON": reason])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("another root account"))
    #expect(try calls().count == 1)
  }

  @Test(arguments: [
    ("mb *", "the bucket mlflow-tracking"), ("*create*", "the policy \(policy)"),
    ("*user add*", "the account \(users[0])"), ("*entities*", "policies of \(users[0])"),
    ("*attach*", "\(policy) to \(users[0])"),
  ])
  func aFailureIsNamedWithTheClientsReason(pattern: String, purpose: String) async throws {
    let outcome = try await run(environment: ["MC_FAILS": pattern, "MC_REASON": "no space left"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(purpose) && outcome.errors.contains("no space left"))
    #expect(!outcome.errors.contains("<minio_"))
  }

  @Test func aPolicyThatWasAttachedMeanwhileIsFine() async throws {
    let reason = "XMinioAdminPolicyChangeAlreadyApplied"
    #expect(try await run(environment: ["MC_FAILS": "*attach*", "MC_REASON": reason]).succeeded)
  }

  @Test(arguments: [
    "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "MINIO_MLFLOW_TRACKING_USER", "MINIO_MLFLOW_TRACKING_PASSWORD",
    "MINIO_MLFLOW_TRACKING_POLICIES", "MINIO_RESTAPI_USER", "MINIO_RESTAPI_PASSWORD", "MINIO_RESTAPI_POLICIES",
    "MINIO_WORKER_USER", "MINIO_WORKER_PASSWORD", "MINIO_WORKER_POLICIES",
  ])
  func aMissingLineOfTheAccountsIsNamed(name: String) async throws {
    let lines = try folder.scratch.read(Self.accounts).split(separator: "\n")
    try folder.scratch.write(
      lines.filter { !$0.hasPrefix("\(name)=") }.joined(separator: "\n") + "\n", to: Self.accounts)
    let outcome = try await run()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("no line \(name)="))
    #expect(try calls().isEmpty)
  }

  @Test func anEmptyPasswordIsRefused() async throws {
    try folder.scratch.write(
      try folder.scratch.read(Self.accounts).replacing("<minio_worker_password>", with: ""), to: Self.accounts)
    let outcome = try await run()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("MINIO_WORKER_PASSWORD is empty"))
    #expect(try calls().isEmpty)
  }

  @Test func helpIsPrintedAndAnArgumentRefused() async throws {
    #expect(try await run(["--help"]).output.hasPrefix("Usage: init-minio.sh [--list]\n"))
    #expect(try await run(["-h"]).status == 0)
    #expect(try await run(["more"]).status == 1)
    #expect(try calls().isEmpty)
  }
}
