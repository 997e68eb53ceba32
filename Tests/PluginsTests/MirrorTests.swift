import DioptraKitCore
import Plugins
import TestSupport
import Testing

/// A deployment whose images come from mirrors.
struct MirrorTests {
  private static let mirrors = "docker.io=mirror.example/hub ghcr.io/usnistgov=mirror.example/nist"

  private static let images = [
    "mirror.example/hub/dpage/pgadmin4:8.12", "mirror.example/hub/library/node:22-bullseye",
    "mirror.example/hub/library/postgres:17", "mirror.example/hub/library/redis:7.2.6",
    "mirror.example/nist/dioptra/mlflow-tracking:1.1.0", "mirror.example/nist/dioptra/nginx:1.1.0",
    "mirror.example/nist/dioptra/pytorch-cpu:1.1.0", "mirror.example/nist/dioptra/restapi:1.1.0",
    "mirror.example/nist/dioptra/tensorflow2-cpu:1.1.0", "quay.io/minio/mc:RELEASE.2025-08-13T08-35-41Z",
    "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z",
  ]

  @Test func everythingThatAsksForImagesSeesTheSame() throws {
    let deployment = try RenderedFolder.deployment(["registry_mirrors": Self.mirrors])
    #expect(try deployment.images().sorted() == Self.images)
    let blueprint = deployment.blueprint
    #expect(
      try deployment.plainTexts(
        blueprint.dataFormats.map(\.image) + blueprint.toolImages.map(\.image) + blueprint.trustStores.map(\.image)
      ).allSatisfy(Self.images.contains))
    #expect(blueprint.dataFormats.count + blueprint.toolImages.count + blueprint.trustStores.count > 4)
    let script = try #require(deployment.tree["init-deployment.sh"]).masked
    #expect(script.contains(" PostgreSQL mirror.example/hub/library/postgres:17 || return"))
    for file in deployment.tree.files {
      let lines = file.masked.split(separator: "\n").filter { $0.contains("ghcr.io") || $0.contains("postgres:17") }
      #expect(lines.allSatisfy { $0.contains("mirror.example/hub/library/postgres:17") }, "\(file.path): \(lines)")
    }
  }

  @Test(.needsCompose, arguments: ["docker-compose.yml", "docker-compose.init.yml"])
  func composeFetchesFromThem(file: String) async throws {
    let folder = try RenderedFolder(["registry_mirrors": Self.mirrors])
    let listed = try await Compose.run(["config", "--images"], files: [file], in: folder.path)
    let images = listed.split(separator: "\n").map(String.init)
    #expect(images.count > 5 && images.allSatisfy(Self.images.contains), "\(images)")
  }

  @Test func aMappingInTheFileIsTheSameAsPairs() throws {
    let file = try ConfigurationFile(
      text: "registry_mirrors:\n  docker.io: mirror.example/hub\n  localhost:5000: mirror.example:8080\n")
    #expect(file.values == ["registry_mirrors": "docker.io=mirror.example/hub localhost:5000=mirror.example:8080"])
    let pairs = try RenderedFolder.deployment(["registry_mirrors": file.values["registry_mirrors"] ?? ""])
    let registry = try ReferenceDeployment.registry()
    let mapped = try Deployment(registry: registry, file: file, identity: RenderedFolder.identity)
    #expect(mapped.tree == pairs.tree)
    let given = try ValuesFile(
      text: #"{"registry_mirrors": {"quay.io": "m.example"}}"#, name: "v.json",
      variables: registry.components.flatMap(\.variables))
    #expect(given.values == ["registry_mirrors": "quay.io=m.example"])
  }

  @Test func aMalformedPairIsRefusedWithItsPlace() throws {
    let file = try ConfigurationFile(text: "networks: lab\nregistry_mirrors:\n  docker: mirror.example\n")
    #expect { try Configuration(registry: ReferenceDeployment.registry(), file: file) } throws: { error in
      "\(error)".hasPrefix(
        "dioptra.yaml:3:3: registry_mirrors cannot hold 'docker=mirror.example', because 'docker' does not name a registry."
      )
    }
    #expect { try ConfigurationFile(text: "networks:\n  a: b\n") } throws: {
      "\($0)".contains("'networks' takes one value, and has names below it")
    }
  }
}
