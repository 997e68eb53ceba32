import DioptraKitCore
import Foundation

/// The fingerprints of the folders that tests make.
extension ReferenceForm {
  /// Unmistakable values in place of placeholders.
  private static let marks = [
    "container_registry": "zq-registry.example/zq", "container_tag": "zqtag", "docker_compose_path": "/zq/compose",
    "systemd_required_mounts": "zq.mount", "nginx_server_name": "zqhost.example", "postgres_container_tag": "17-zq",
    "pgadmin_default_email": "zq@mail.example", "datasets_directory": "/zq/data",
  ]

  /// Deployments that between them have every line of a release.
  private static let variants: [[String: String]] = {
    let all = marks.merging(["deployment_name": "ZQ name", "branch": "main"]) { $1 }
    let kinds = [
      "num_tensorflow_cpu_workers", "num_tensorflow_gpu_workers", "num_pytorch_cpu_workers", "num_pytorch_gpu_workers",
    ]
    let workers = Dictionary(uniqueKeysWithValues: kinds.map { ($0, "2") })
    return [
      all, all.merging(workers) { $1 }, all.merging(["nginx_expose_ports_on_localhost_only": "false"]) { $1 },
      all.merging(["num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0"]) { $1 },
      all.merging(["num_tensorflow_cpu_workers": "0"]) { $1 },
      all.merging([
        "num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0", "num_tensorflow_gpu_workers": "1",
      ]) {
        $1
      },
      all.merging(["num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0", "num_pytorch_gpu_workers": "1"]) {
        $1
      },
      all.filter { !["datasets_directory", "systemd_required_mounts"].contains($0.key) },
    ]
  }()

  private static let outputs = [".env", "systemd/dioptra.service"]

  /// In the form of the fingerprints that the program carries.
  package static func fingerprints(isRunnable: Bool = false) throws -> String {
    var files: [String: [String: Set<String>]] = [:]
    var known: [Substring: String] = [:]
    for variant in variants {
      let rendered = try Rendered(variant, folder: "/zq/folder", secrets: secrets)
      for release in releases {
        let form = ReferenceForm(release, rendered, values: variant, isRunnable: isRunnable, secrets: secrets)
        for (path, file) in form.files where !outputs.contains(path) && !path.hasPrefix("secrets/") {
          let name = path.replacing("zq-name", with: "{slug}")
          for line in Set(file.text.split(separator: "\n", omittingEmptySubsequences: false)) {
            let fingerprint = known[line] ?? fingerprint(of: String(line))
            known[line] = fingerprint
            files[name, default: [:]][release, default: []].insert(fingerprint)
          }
        }
      }
    }
    let object: [String: Any] = [
      "releases": releases,
      "placeholders": ["{deployment_name}", "{slug}", "{n}"] + marks.keys.sorted().map { "{\($0)}" },
      "files": files.mapValues { $0.mapValues { $0.sorted() } },
    ]
    return String(decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), as: UTF8.self)
  }

  /// The rule in its simplest form: here every value is told from ordinary text.
  static func fingerprint(of line: String) -> String {
    var line = line.replacing(/\s+$/, with: "")
    line = line.replacing("ZQ name", with: "{deployment_name}").replacing("zq-name", with: "{slug}")
    for (name, value) in marks { line = line.replacing(value, with: "{\(name)}") }
    line = line.replacing(/(tfcpu|tfgpu|pytorchcpu|pytorchgpu)-[0-9]+/) { "\($0.output.1)-{n}" }
    line = line.replacing(/NVIDIA_VISIBLE_DEVICES: [0-9]+(?![0-9,])/, with: "NVIDIA_VISIBLE_DEVICES: {n}")
    let margin = line.prefix { $0 == " " || $0 == "\t" }
    line = String(margin) + line.dropFirst(margin.count).replacing(/[ \t]+/, with: " ")
    return String(Digest(of: line).hexadecimal.prefix(12))
  }
}
