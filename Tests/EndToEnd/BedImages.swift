import Foundation
import TestSupport
import Testing

/// The images of the test bed, as a registry serves them.
enum BedImages {
  /// Variables that choose images, and the images.
  static let choices = [
    "nginx_image": "ghcr.io/usnistgov/dioptra/nginx:1.1.0",
    "mlflow_tracking_image": "ghcr.io/usnistgov/dioptra/mlflow-tracking:1.1.0",
    "restapi_image": "ghcr.io/usnistgov/dioptra/restapi:1.1.0",
    "tfcpu_image": "ghcr.io/usnistgov/dioptra/tensorflow2-cpu:1.1.0",
    "pytorchcpu_image": "ghcr.io/usnistgov/dioptra/pytorch-cpu:1.1.0",
    "minio_image": "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z",
    "mc_image": "quay.io/minio/mc:RELEASE.2025-08-13T08-35-41Z",
    "dbadmin_image": "dpage/pgadmin4:8.12",
    "redis_image": "redis:7.2.6",
    "nodejs_image": "node:22-bullseye",
    "postgres_image": "postgres:17",
  ]

  /// The bed's images share most of their layers, real ones do not: so many bytes are each one's own.
  private static let noise = [
    "ghcr.io/usnistgov/dioptra/tensorflow2-cpu": 80_000_000, "ghcr.io/usnistgov/dioptra/pytorch-cpu": 120_000_000,
    "ghcr.io/usnistgov/dioptra/mlflow-tracking": 20_000_000, "ghcr.io/usnistgov/dioptra/restapi": 20_000_000,
  ]

  /// Options of `init` by which a deployment takes its images from a registry.
  static func options(from registry: Registry) -> [String] {
    choices.sorted { $0.key < $1.key }.flatMap { name, image in
      // The tag of this one has a variable of its own.
      ["--set", "\(name)=\(registry.address)/\(name == "postgres_image" ? "postgres" : image)"]
    }
  }

  /// A folder with all images, which `registry.py` serves. It is made once and kept with the bed's images.
  static func folder() async throws -> String {
    let names = choices.values.sorted()
    let ids = try await docker(["image", "inspect", "--format", "{{.Id}}"] + names)
    let root = try await docker(["info", "--format", "{{.DockerRootDir}}"]).trimmingCharacters(in: .newlines)
    let cache = URL(filePath: root).deletingLastPathComponent().path()
    let folder = "\(cache)/registry"
    let record = "\(folder)/made-of"
    let wanted = ids + noise.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    if (try? String(contentsOfFile: record, encoding: .utf8)) == wanted { return folder }
    try? FileManager.default.removeItem(atPath: folder)
    let start = ContinuousClock.now
    let script =
      #"set -o pipefail; rig=$1 folder=$2; shift 2; images=(); while [[ $1 != -- ]]; do images+=("$1"); shift; done; shift; "#
      + #"docker save "${images[@]}" | python3 "$rig" "$folder" "$@""#
    let made = try await Tool.run(
      "bash",
      ["-c", script, "bash", Companion.rig("registry_images.py"), folder] + names + ["--"]
        + noise.map { "\($0.key)=\($0.value)" }, environment: Engine.environment)
    try #require(made.succeeded, "\(made.errors)")
    try Data(wanted.utf8).write(to: URL(filePath: record))
    figure("images of the bed for a registry", (ContinuousClock.now - start).text)
    return folder
  }

  private static func docker(_ arguments: [String]) async throws -> String {
    let outcome = try await Tool.run("docker", arguments, environment: Engine.environment)
    try #require(outcome.succeeded, "docker \(arguments): \(outcome.errors)")
    return outcome.output
  }
}
