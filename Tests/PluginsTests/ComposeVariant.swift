import DioptraKitCore
import Foundation
import TestSupport
import Testing

/// A possible deployment.
struct ComposeVariant: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var values: [String: String] = [:]
  var disabled: Set<ComponentID> = []

  init(_ description: String, _ values: [String: String] = [:], disabled: Set<ComponentID> = []) {
    testDescription = description
    self.values = values
    self.disabled = disabled
  }

  static let all = combinations + workers + names + images + optional

  private static let combinations: [Self] = {
    let choices = [
      [Self("HTTP"), Self("HTTPS", ["enable_nginx_ssl": "true", "enable_postgres_ssl": "true"])],
      [Self("local"), Self("open", ["nginx_expose_ports_on_localhost_only": "false"])],
      [
        Self("no data"), Self("blank in path", ["datasets_directory": "/srv/data sets"]),
        Self("$ in path", ["datasets_directory": "/srv/$HOME/${x}$$"]),
      ],
      [Self("CPUs"), Self("GPUs", ComposeFile.gpus)],
    ]
    return choices.dropFirst().reduce(choices[0]) { found, next in
      found.flatMap { one in
        next.map { other in
          Self("\(one.testDescription), \(other.testDescription)", one.values.merging(other.values) { $1 })
        }
      }
    }
  }()

  private static let workers =
    [0, 3, 100].map { count in
      Self(
        "\(count) workers of each CPU kind",
        ["num_tensorflow_cpu_workers": "\(count)", "num_pytorch_cpu_workers": "\(count)"])
    } + [
      Self(
        "GPU only",
        ["num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0", "num_pytorch_gpu_workers": "1"])
    ]

  private static let names = [
    Self("another name", ["deployment_name": "Our Lab_2 (test)", "project_slug": "our-lab-2"]),
    Self("names that are numbers and words", ["project_slug": "1e3", "networks": "on null 0x1f"]),
    Self("several networks", ["networks": "dioptra lab_net monitoring"]),
    Self("another superuser", ["db_admin_username": "yes", "db_admin_database": "null"]),
    Self("other ports", ["restapi_http_port": "8080", "db_port": "5432", "minio_api_port": "9000"]),
  ]

  private static let digest = "@sha256:" + String(repeating: "0123456789abcdef", count: 4)

  private static let images = [
    Self("images built here", ["container_registry": "", "container_tag": "dev"]),
    Self("images without prefix", ["container_registry": "", "container_namespace": "", "container_tag": "1.2.0"]),
    Self("a registry with a port", ["container_registry": "localhost:5001/mirror", "container_tag": "1.1.0"]),
    Self(
      "images by digest",
      ["redis_image": "redis\(digest)", "nginx_image": "ghcr.io/lab/nginx:1.1.0\(digest)", "mc_image": "mc\(digest)"]),
  ]

  private static let optional =
    ["dbadmin", "tfcpu", "tfgpu", "pytorchcpu", "pytorchgpu", "systemd"].map { Self("no \($0)", disabled: [$0]) }
    + [Self("nothing optional", disabled: ["dbadmin", "tfcpu", "tfgpu", "pytorchcpu", "pytorchgpu", "systemd"])]
}
