import Foundation
import TestSupport
import Testing

@testable import DioptraCompose
@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraState
@testable import DioptraSystem

/// A component as three versions of a program bring it: names change, a file moves, a secret appears.
struct VersionedComponent: Component {
  let version: Int
  var extraMigrations: [Migration] = []

  let id: ComponentID = "box"
  let summary = "A box"
  let isOptional = false

  var variables: [Variable] {
    [
      Variable("project_slug", .slug, default: .value("box"), help: "Name."),
      Variable(
        "release", .choice(["1.0.0", "1.1.0", "1.2.0"]), default: .value("1.1.0"), help: "Release.",
        followsRelease: true),
      Variable(version < 2 ? "size" : "capacity", .count, default: .value(version < 3 ? "5" : "9"), help: "Size."),
      Variable("server", .image, default: .value("old/server:1.0"), help: "Server.", followsRelease: true),
    ]
  }

  var migrations: [Migration] {
    [
      Migration(
        "box.capacity", "The size is called capacity.", version: .template(2),
        changes: [
          .renameVariable("size", to: "capacity"), .moveFile("conf/box.conf", to: "config/box.conf"),
          .renameSecret("key", to: "box_key"), .note("Measure it again."),
        ]),
      Migration(
        "box.bigger", "Boxes are bigger.", version: .template(3),
        changes: [
          .keepValue(of: "capacity", "5"), .replacePrefix(of: "server", from: "old/", with: "new/"),
          .runStep("box.fill"), .moveFile("same.txt", to: "kept/same.txt"),
        ]),
      Migration(
        "box.schema-1.2", "The schema is another.", version: .release("1.2.0"),
        direction: .oneWay(because: "older boxes do not open it"), changes: [.runStep("box.fill")]),
    ].filter { if case .template(let number) = $0.version { number <= version } else { version > 1 } } + extraMigrations
  }

  func contributions(in context: Context) throws -> [Contribution] {
    let capacity = try context[version < 2 ? "size" : "capacity"]
    let secret: SecretName = version < 2 ? "key" : "box_key"
    let lines: Text = """
      # A box.
      version \(version)
      capacity \(capacity)

      tail
      end

      """
    return try [
      .secret(Secret(secret, "The box")),
      .file(FolderFile(version < 2 ? "conf/box.conf" : "config/box.conf", .text(lines))),
      .file(FolderFile("run.sh", .text("#!/bin/sh\necho \(version)\n"), .executable)),
      .file(FolderFile(version < 3 ? "same.txt" : "kept/same.txt", .text("always the same\n"))),
      .file(FolderFile(".env", .text("KEY=\(secret: secret)\n\(version > 2 ? "NEW=1\n" : "")"), .secret)),
      .file(
        FolderFile("docker-compose.yml", .text("services:\n  box:\n    image: \(context["server"])\n"))),
      .initService(Service("box", "Fills it.", image: context["server"], connection: .none)),
      .step(Step("box.fill", "Fill the box", action: .run("box", []), deadline: 5)),
    ] + (version > 2 ? [.secret(Secret("lid", "The lid"))] : [])
  }
}

/// Compose, where a component writes its files itself.
struct HandwrittenCompose: PlatformDialect {
  private let compose = ComposeDialect()

  var words: PlatformWords { compose.words }
  var projectFiles: [String] { compose.projectFiles }

  func name(of service: ServiceName, in deployment: Text) -> Text { compose.name(of: service, in: deployment) }
  func name(of volume: VolumeName, in deployment: Text) -> Text { compose.name(of: volume, in: deployment) }
  func name(of network: Network, in deployment: Text) -> Text { compose.name(of: network, in: deployment) }
  func files(for blueprint: Blueprint, in context: Context, owner: ComponentID) -> [FolderFile] { [] }
  func deviceVariable(of accelerator: Accelerator) -> String { compose.deviceVariable(of: accelerator) }
  func reads(_ path: String) -> Bool { compose.reads(path) }
  func neededSettings(in text: String) -> Set<String> { compose.neededSettings(in: text) }

  func services(in bytes: (String) throws -> [UInt8]?) throws -> DescribedServices {
    try compose.services(in: bytes)
  }

  func referenceProject(
    in folder: ConfinedFolder, merged answer: [String: ReferenceService]?
  ) throws -> ReferenceProject? {
    try compose.referenceProject(in: folder, merged: answer)
  }
}

/// Something that people may switch off.
struct LampComponent: Component {
  var version = 1

  let id: ComponentID = "lamp"
  let summary = "A lamp"

  var migrations: [Migration] {
    [Migration("lamp.bright", "It is brighter.", version: .template(2))]
      + (version > 1 ? [Migration("lamp.dim", "It can be dimmed.", version: .component(2))] : [])
  }

  func contributions(in context: Context) -> [Contribution] {
    [.file(FolderFile("lamp.txt", .text(version > 1 ? "dimmed\n" : "on\n")))]
  }
}

/// A deployment of that component, brought from version to version.
struct VersionedDeployment {
  let scratch: Scratch
  let folder: ConfinedFolder
  let state: State
  let now = Timestamp(seconds: 1_790_000_000)

  /// - Parameter text: `dioptra.yaml`.
  init(version: Int = 1, _ text: String = "", also others: [any Component] = []) throws {
    scratch = try Scratch(inMemory: true)
    folder = try ConfinedFolder(path: scratch.path)
    state = try State(creatingIn: folder, deployment: "00000000000000ff", now: now)
    let registry = try Self.registry(version, also: others)
    let deployment = try Deployment(
      registry: registry, file: ConfigurationFile(text: text),
      identity: Identity(deployment: try state.deployment, folder: folder.path))
    try state.generate(deployment.blueprint.secrets.map(\.value), now: now)
    let folderPlan = try FolderPlan(
      of: folder, to: FolderTarget(deployment, of: registry, configuration: text), state: state,
      secrets: try state.secretValues())
    try folderPlan.apply(to: state, run: state.startRun(Self.run("init"), now: now), now: now)
  }

  static func registry(
    _ version: Int, _ extra: [Migration] = [], also others: [any Component] = []
  ) throws -> ComponentRegistry {
    try ComponentRegistry(
      [VersionedComponent(version: version, extraMigrations: extra)] + others, templateVersion: version,
      dialect: HandwrittenCompose())
  }

  static func run(_ word: String) -> State.RunDescription {
    State.RunDescription(arguments: ["dioptra", word], version: "0", user: "me", host: "here")
  }

  var configuration: ConfigurationFile {
    get throws { try ConfigurationFile(text: scratch.read(ConfigurationFile.name)) }
  }

  func plan(
    to version: Int, _ request: UpgradeRequest = UpgradeRequest(), extra: [Migration] = []
  ) throws -> Upgrade {
    try Upgrade(
      of: folder, state: state, registry: Self.registry(version, extra), file: try configuration, request: request)
  }

  @discardableResult
  func upgrade(
    to version: Int, _ request: UpgradeRequest = UpgradeRequest(), extra: [Migration] = []
  ) throws -> Upgrade {
    let first = try plan(to: version, request, extra: extra)
    try first.requireAllowance(request, state: state)
    try state.rename(first.migrations, now: now)
    try state.generate(first.newSecrets, now: now)
    let upgrade = try plan(to: version, request, extra: extra)
    if !upgrade.isNothingToDo { try upgrade.folderPlan.apply(to: state, run: startRun("upgrade"), now: now) }
    return upgrade
  }

  func rollback(to number: Int? = nil, version: Int, allowing allowed: Set<String> = []) throws {
    let rollback = try Rollback(
      of: folder, state: state, registry: Self.registry(version), file: try configuration, to: number)
    try rollback.requireAllowance(allowed)
    try rollback.folderPlan.apply(to: state, run: startRun("rollback"), now: now)
  }

  func startRun(_ word: String, keepingBackup: Bool = false) throws -> Int {
    let run = Self.run(word)
    let id = try state.startRun(keepingBackup ? run.keepingBackup : run, now: now)
    try state.finishRun(id, .succeeded, now: now)
    return id
  }
}
