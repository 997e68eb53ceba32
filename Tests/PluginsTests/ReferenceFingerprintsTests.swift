import Foundation
import Plugins
import Testing

@testable import DioptraModel
@testable import DioptraOperations
@testable import DioptraSystem

/// How lines are told from a user's: the rule, and the fingerprints that the program carries, on lines that are pure
/// facts.
struct ReferenceFingerprintsTests {
  private static let substitutions = [
    ("1.1.0", "{container_tag}"), ("dioptra", "{slug}"), ("AI lab", "{deployment_name}"), ("_", "{nginx_server_name}"),
    ("17", "{postgres_container_tag}"), ("ghcr.io/usnistgov", "{container_registry}"),
  ]

  private static func lines() -> ReferenceLines {
    ReferenceLines(
      substitutions.map { .init(text: $0.0, placeholder: $0.1) }, numbered: ["tfcpu-", "NVIDIA_VISIBLE_DEVICES: "])
  }

  /// All forms of a line.
  private static func forms(of line: String) -> [String] {
    var forms: [String] = []
    lines().forms(of: bytes(line)) { form in
      forms.append(String(decoding: form, as: UTF8.self))
      return false
    }
    return forms
  }

  private static func bytes(_ line: String) -> ArraySlice<UInt8> { Array(line.utf8)[...] }

  @Test(arguments: [
    ("KEY=value   \r\n", "KEY=value"),
    ("    - a   b\tc\n", "    - a b c"),
    ("\t  indented  twice\n", "\t  indented twice"),
    ("\n", ""),
    ("# AI lab\n", "# {deployment_name}"),
    ("  dioptra-tfcpu-07:\n", "  {slug}-tfcpu-{n}:"),
    ("      NVIDIA_VISIBLE_DEVICES: 12\n", "      NVIDIA_VISIBLE_DEVICES: {n}"),
    // A value may as well be ordinary text.
    (
      "    image: ghcr.io/usnistgov/dioptra/nginx:1.1.0\n",
      "    image: {container_registry}/dioptra/nginx:{container_tag}"
    ),
    ("    name: dioptra_dioptra\n", "    name: {slug}_dioptra"),
    ("    server_name _;\n", "    server_name {nginx_server_name};"),
    ("    image: postgres:17\n", "    image: postgres:{postgres_container_tag}"),
    ("    interval: 17s\n", "    interval: 17s"),
    (
      "    dioptra_a_b: a_b_c_d_e_f_g_h_i_j_k_l https://_$uri;\n",
      "    {slug}_a_b: a_b_c_d_e_f_g_h_i_j_k_l https://{nginx_server_name}$uri;"
    ),
    ("      NVIDIA_VISIBLE_DEVICES: 0,1\n", "      NVIDIA_VISIBLE_DEVICES: 0,1"),
  ])
  func aLineIsBroughtToTheFormOfTheFingerprints(line: String, form: String) {
    #expect(Self.forms(of: line).contains(form))
  }

  @Test func manyPlacesOfAShortValueCostLittle() {
    #expect(Self.forms(of: String(repeating: "a_b_", count: 400)).count == 1)
  }

  /// Lines that are nothing but facts of the deployment, in the releases that have them.
  @Test(arguments: [
    (
      "envs/ca-certificates.env", "AWS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt",
      ["1.0.0", "1.0.1", "1.1.0", "main"]
    ),
    ("envs/{slug}-db.env", "POSTGRES_HOST_AUTH_METHOD=scram-sha-256", ["1.0.0", "1.0.1", "1.1.0", "main"]),
    ("envs/{slug}-restapi.env", "DIOPTRA_RESTAPI_ENV=prod", ["1.0.0", "1.0.1", "1.1.0", "main"]),
    ("envs/{slug}-worker.env", "DIOPTRA_RESTAPI_ENV=prod", ["1.0.0", "1.0.1"]),
    ("envs/{slug}-worker-cpu.env", "KMP_AFFINITY=\"none\"", ["1.0.0", "1.0.1", "1.1.0", "main"]),
    ("envs/{slug}-mlflow-tracking.env", "MLFLOW_SERVER_ALLOWED_HOSTS=\"*\"", ["1.1.0", "main"]),
    (
      "envs/{slug}-mlflow-tracking.env", "MLFLOW_S3_ENDPOINT_URL=http://{slug}-minio:9000",
      ["1.0.0", "1.0.1", "1.1.0", "main"]
    ),
    ("docker-compose.yml", "    image: redis:latest", ["main"]),
    ("docker-compose.yml", "    image: dpage/pgadmin4:8.12", ["1.0.1", "1.1.0"]),
    ("docker-compose.yml", "      - tensorflow_cpu", ["1.0.0", "1.0.1"]),
    ("docker-compose.yml", "      - tensorflow-cpu", ["1.1.0", "main"]),
    (
      "docker-compose.yml", "    image: {container_registry}/dioptra/nginx:{container_tag}",
      ["1.0.0", "1.0.1", "1.1.0", "main"]
    ),
    (
      "scripts/templates/dot-env.j2", "MINIO_ROOT_PASSWORD={{ minio_root_password }}",
      ["1.0.0", "1.0.1", "1.1.0", "main"]
    ),
    (
      "scripts/templates/dioptra.service.j2", "Requires=docker.socket {systemd_required_mounts}",
      ["1.0.0", "1.0.1", "1.1.0", "main"]
    ),
    ("docker-compose.yml", "    image: redis:7.4", []),
  ])
  func theFingerprintsContainTheFacts(file: String, line: String, releases: [String]) throws {
    let fingerprints = try ReferenceDeployment.fingerprints()
    let known = fingerprints.releases(of: file, with: Self.bytes(line), in: ReferenceLines([], numbered: []))
    #expect(
      fingerprints.releases.indices.filter { known.contains(.init($0)) }.map { fingerprints.releases[$0] } == releases)
  }

  @Test func theFingerprintsCoverAllReleasesAndFiles() throws {
    let fingerprints = try ReferenceDeployment.fingerprints()
    #expect(fingerprints.releases == ["1.0.0", "1.0.1", "1.1.0", "main"])
    #expect(fingerprints.placeholders.count == 11)
    let paths = fingerprints.paths(slug: "lab")
    #expect(paths.count == 56)
    #expect(paths["envs/lab-worker.env"] == "envs/{slug}-worker.env")
    #expect(!fingerprints.releases(of: "import_resources.py").contains(.init(0)))
  }

  @Test func brokenFingerprintsAreReportedInOneSentence() {
    #expect(throws: DioptraError.self) { try ReferenceDeployment.fingerprints(json: "{}") }
  }
}
