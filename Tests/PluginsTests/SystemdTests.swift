import DioptraKitCore
import Foundation
import Plugins
import TestSupport
import Testing

/// systemd itself reads the unit.
struct SystemdTests {
  /// A deployment's unit, for a folder with any name.
  private func unit(_ values: [String: String] = [:], folder: String = "/srv/dioptra-deployment") throws -> String {
    let text = values.map { "\($0.key): '\($0.value.replacing("'", with: "''"))'\n" }.joined()
    let deployment = try Deployment(
      registry: ReferenceDeployment.registry(), file: ConfigurationFile(text: text),
      identity: Identity(deployment: RenderedFolder.identity.deployment, folder: folder))
    let file = try #require(deployment.tree["systemd/dioptra.service"])
    #expect(file.permissions == .plain)
    return String(decoding: try file.bytes(secrets: SecretValues([:])), as: UTF8.self)
  }

  /// Every section's directives.
  private func directives(_ unit: String) -> [String: [String: String]] {
    var section = ""
    return unit.split(separator: "\n").reduce(into: [:]) { sections, line in
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if line.hasPrefix("[") {
        section = String(line)
      } else if !line.hasPrefix("#"), parts.count == 2 {
        sections[section, default: [:]][parts[0]] = parts[1]
      }
    }
  }

  /// What `systemd-analyze verify` says about a unit on a host that has Docker, and two folders mounted.
  private func verdict(_ unit: String) async throws -> Tool.Outcome {
    let host = try Scratch()
    try host.write("[Socket]\nListenStream=/run/test-docker.sock\n", to: "docker.socket")
    try host.write("[Service]\nExecStart=/bin/sh\n", to: "docker.service")
    for (name, place) in [("data", "/data"), ("srv-lab\\x2d1", "/srv/lab-1")] {
      try host.write("[Mount]\nWhat=/dev/test\nWhere=\(place)\n", to: "\(name).mount")
    }
    // The host of the tests need not have Docker where systemd looks for it.
    try host.write(unit.replacing("=docker ", with: "=/bin/sh "), to: "dioptra.service")
    return try await Tool.run(
      "systemd-analyze", ["verify", "--man=no", host.file("dioptra.service")],
      environment: ["SYSTEMD_UNIT_PATH": host.path + ":"])
  }

  @Test func theDirectivesAreThoseOfTheReferenceAndACheckBeforeTheStart() throws {
    var found = directives(try unit())
    #expect(found["[Unit]"]?.removeValue(forKey: "Description")?.contains("Dioptra") == true)
    #expect(
      found == [
        "[Unit]": ["Requires": "docker.socket", "After": "docker.socket", "Wants": "syslog.service"],
        "[Service]": [
          "Type": "oneshot", "User": "root", "WorkingDirectory": "/srv/dioptra-deployment",
          "ExecStartPre": "/bin/bash init-deployment.sh --check",
          "ExecStart": "docker compose up -d --remove-orphans --force-recreate",
          "ExecReload": "docker compose restart", "ExecStop": "docker compose down --remove-orphans",
          "RemainAfterExit": "true",
        ],
        "[Install]": ["WantedBy": "multi-user.target"],
      ])
  }

  @Test func requiredMountsFollowTheSocket() throws {
    let found = directives(try unit(["systemd_required_mounts": "data.mount  srv-lab\\x2d1.mount"]))["[Unit]"]
    #expect(found?["Requires"] == "docker.socket data.mount srv-lab\\x2d1.mount")
    #expect(found?["After"] == "docker.socket data.mount srv-lab\\x2d1.mount")
  }

  @Test func theCommandsBeginWithTheChosenCompose() throws {
    let found = directives(try unit(["docker_compose_path": "/usr/local/bin/docker-compose"]))["[Service]"]
    #expect(found?["ExecStart"] == "/usr/local/bin/docker-compose up -d --remove-orphans --force-recreate")
    #expect(found?["ExecReload"] == "/usr/local/bin/docker-compose restart")
    #expect(found?["ExecStop"] == "/usr/local/bin/docker-compose down --remove-orphans")
  }

  @Test func aPercentSignInTheFoldersPathIsNoSpecifier() throws {
    let found = directives(try unit(folder: "/srv/my lab/100% sure"))
    #expect(found["[Service]"]?["WorkingDirectory"] == "/srv/my lab/100%% sure")
  }

  @Test(
    .needs("systemd-analyze"),
    arguments: [
      [:], ["systemd_required_mounts": "data.mount srv-lab\\x2d1.mount"], ["docker_compose_path": "/bin/sh"],
      ["deployment_name": "100% of the lab's \"best\"", "project_slug": "best"],
    ])
  func systemdAcceptsTheUnit(values: [String: String]) async throws {
    let outcome = try await verdict(unit(values))
    #expect(outcome.succeeded)
    #expect(outcome.output + outcome.errors == "")
  }

  @Test(
    .needs("systemd-analyze"), arguments: ["/srv/my lab", "/srv/100%", "/srv/100% my lab/%h/d", "/srv/a\"b'c/$HOME"])
  func systemdAcceptsTheUnitOfAFolderWithAnyName(folder: String) async throws {
    let outcome = try await verdict(unit(folder: folder))
    #expect(outcome.succeeded)
    #expect(outcome.output + outcome.errors == "")
  }

  /// Otherwise the tests above would prove nothing.
  @Test(.needs("systemd-analyze"), arguments: [("Type=", "Typo="), ("/srv/", "srv/"), ("data.mount", "none.mount")])
  func systemdComplainsAboutAWrongUnit(right: String, wrong: String) async throws {
    let outcome = try await verdict(unit(["systemd_required_mounts": "data.mount"]).replacing(right, with: wrong))
    #expect(outcome.output + outcome.errors != "")
  }

  @Test(.needs("systemctl")) func theUnitCanBeEnabled() async throws {
    let root = try Scratch()
    try root.write(unit(), to: "etc/systemd/system/dioptra.service")
    let outcome = try await Tool.run("systemctl", ["--root=\(root.path)", "enable", "dioptra.service"])
    #expect(outcome.succeeded, "\(outcome.errors)")
    #expect(root.has("etc/systemd/system/multi-user.target.wants"))
  }

  @Test func aDeploymentWithAnotherNameHasAnotherUnit() throws {
    #expect(try unit().contains("/etc/systemd/system/dioptra.service\n"))
    #expect(try unit(["deployment_name": "AI lab"]).contains("/etc/systemd/system/ai-lab.service\n"))
  }
}
