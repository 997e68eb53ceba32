import Plugins
import TestSupport
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraRendering
@testable import DioptraSystem

/// `explain` of a variable leaves nothing out: whatever another value changes is among what it names.
struct VariableReachTests {
  /// How many variables of all are looked at, beside those that are named.
  private static let sample = 10

  private static let named: [VariableName] = [
    "container_tag", "num_pytorch_gpu_workers", "enable_nginx_ssl", "nginx_expose_ports_on_localhost_only",
  ]

  /// Values that are not those that the answer was found with.
  private static let values = [
    "count": ["2", "3", "7"], "port": ["28431"], "text": ["Some lab"], "slug": ["some-lab"],
    "registry": ["registry.lab.example"], "name": ["some", "lab_2"], "tag": ["nightly", "15-bookworm", "1.2.1"],
    "image": ["lab.example/some/image:3", "lab.example/some/image"], "command": ["/opt/compose"],
    "host": ["lab.example.org", "10.0.0.7"], "hosts": ["lab.example.org:99"], "size": ["9g"], "duration": ["9m"],
    "branch": ["some/branch"], "e-mail": ["me@lab.example"], "directory": ["/srv/lab"], "units": ["srv-lab.mount"],
    "names": ["lab field"], "boolean": ["true", "false"],
  ]

  @Test func whateverAnotherValueChangesIsNamed() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("SEED of reached values: \(seed)")
    var generator = SeededGenerator(seed: seed)
    let registry = try ReferenceDeployment.registry()
    let all = registry.components.flatMap(\.variables)
    let file = try ConfigurationFile(text: "")
    let identity = Identity(deployment: Identity.unnamed, folder: "/srv/lab")
    let deployment = try Deployment(registry: registry, file: file, identity: identity)
    let sample = all.filter { Self.named.contains($0.name) } + all.shuffled(using: &generator).prefix(Self.sample)
    var compared = 0
    for variable in sample {
      let reach = VariableReach(of: variable, in: deployment, registry, file)
      for value in variable.type.choices + Self.values[variable.type.name, default: []] {
        guard case .success(let canonical) = variable.type.canonical(value),
          let configuration = try? Configuration(registry: registry, chosen: [variable.name.rawValue: canonical]),
          let other = try? Deployment(in: Context(configuration: configuration, identity: identity))
        else { continue }
        compared += 1
        expect(reach, of: "\(variable.name)=\(value)", deployment, other)
      }
    }
    #expect(compared >= Self.named.count)
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
