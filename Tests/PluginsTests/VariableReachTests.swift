import Plugins
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraSystem

/// `explain` of a variable leaves nothing out: whatever another value changes is among what it names.
struct VariableReachTests {
  /// Choices around the one that is looked at: conditions and counts that others depend on are met.
  private static let choices = [
    "enable_nginx_ssl": "true", "enable_postgres_ssl": "true", "nginx_expose_ports_on_localhost_only": "false",
    "num_pytorch_gpu_workers": "2", "num_tensorflow_gpu_workers": "1", "container_tag": "1.2.2",
    "datasets_directory": "/srv/data", "systemd_required_mounts": "srv-data.mount",
  ]
  /// How many variables are looked at among the choices.
  private static let sample = 12

  private static let variables = ReferenceDeployment.components.flatMap(\.variables).map(\.name)

  /// Values that are not those that the answer was found with.
  private static let values = [
    "count": ["0", "1", "2", "3", "7"], "port": ["80", "443", "28431"], "text": ["Some lab"],
    "slug": ["some-lab", "a"],
    "registry": ["", "registry.lab.example"], "name": ["some", "lab_2"],
    "tag": ["nightly", "15-bookworm", "18", "1.2.1", "1.1.0", "main", "dev", "latest"],
    "image": [
      "lab.example/some/image:3", "lab.example/some/image", "image@sha256:\(String(repeating: "0", count: 64))",
    ],
    "command": ["/opt/compose", "podman compose"], "host": ["lab.example.org", "10.0.0.7", "localhost", "_", "[::1]"],
    "hosts": ["lab.example.org:99", "*"], "size": ["9g", "0"], "duration": ["9m", "0s"],
    "branch": ["some/branch", "main", "1.1.0"], "e-mail": ["me@lab.example"], "directory": ["", "/srv/lab"],
    "units": ["", "srv-lab.mount", "a.mount b.mount"], "names": ["lab field", "lab"], "boolean": ["true", "false"],
    "hosts without proxy": ["lab.example,10.0.0.0/8"], "key name": ["lab-key-2"],
    "proxy": ["", "http://proxy.lab.example:3128", "https://me:${PROXY_PASSWORD}@10.0.0.7"],
    "mirrors": ["", "docker.io=lab.example/hub", "ghcr.io/usnistgov=lab.example quay.io=lab.example/quay"],
  ]

  @Test(arguments: variables)
  func whateverAnotherValueChangesIsNamed(name: VariableName) throws {
    try expectAllNamed(of: name, among: [:])
  }

  @Test func theSameHoldsForOtherChoices() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("SEED of reached values: \(seed)")
    var generator = SeededGenerator(seed: seed)
    for name in Self.variables.shuffled(using: &generator).prefix(Self.sample) {
      try expectAllNamed(of: name, among: Self.choices)
    }
  }

  private func expectAllNamed(of name: VariableName, among around: [String: String]) throws {
    let registry = try ReferenceDeployment.registry()
    let variable = try #require(registry.components.flatMap(\.variables).first { $0.name == name })
    let identity = Identity(deployment: Identity.unnamed, folder: "/srv/lab")
    func deployment(_ value: String?) throws -> Deployment {
      let chosen = around.merging(value.map { [name.rawValue: $0] } ?? [:]) { $1 }
      return try Deployment(
        in: Context(configuration: try Configuration(registry: registry, chosen: chosen), identity: identity))
    }
    let file = try ConfigurationFile(text: around.map { "\($0.key): \"\($0.value)\"\n" }.joined())
    let now = try deployment(nil)
    let reach = VariableReach(of: variable, in: now, registry, file)
    var compared = 0
    for value in variable.type.choices + Self.values[variable.type.name, default: []] {
      guard case .success(let canonical) = variable.type.canonical(value),
        canonical != now.configuration.entry(name)?.value, let other = try? deployment(canonical)
      else { continue }
      compared += 1
      expect(reach, of: "\(name)=\(value)", now, other)
    }
    #expect(compared > 0, "no other value of \(name) can be rendered")
  }

  private func expect(_ reach: VariableReach, of choice: String, _ deployment: Deployment, _ other: Deployment) {
    for file in deployment.tree.files {
      guard let changed = other.tree[file.path] else {
        #expect(reach.files[file.path]?.isWhole == true, "\(choice): \(file.path)")
        continue
      }
      let lines = reach.files[file.path]
      for change in LineDifference(from: file.masked.linesWithEnds, to: changed.masked.linesWithEnds).changes
      where lines?.isWhole != true {
        let isNamed =
          change.old.isEmpty
          ? lines?.insertions.contains(change.old.lowerBound) == true
            || lines?.present.contains(change.old.lowerBound) == true
            || lines?.present.contains(change.old.lowerBound + 1) == true
          : change.old.allSatisfy { lines?.present.contains($0 + 1) == true }
        #expect(isNamed, "\(choice): \(file.path), lines \(change.old)")
      }
    }
    let services = deployment.blueprint.services
    for service in services where !other.blueprint.services.contains(service) {
      #expect(reach.services.contains(service.name), "\(choice): \(service.name)")
    }
    for variable in deployment.configuration.variables
    where deployment.configuration.entry(variable.name)?.value != other.configuration.entry(variable.name)?.value {
      #expect(reach.variables.contains(variable.name) || choice.hasPrefix("\(variable.name)="), "\(choice)")
    }
  }
}
