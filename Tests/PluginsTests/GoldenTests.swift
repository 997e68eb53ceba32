import DioptraKitCore
import TestSupport
import Testing

struct GoldenTests {
  private let golden = Golden()

  @Test func theDefaultFolderIsTheGoldenOne() throws {
    let tree = try RenderedFolder.deployment().tree
    for file in tree.files { try golden.expect(file.masked, in: "default/\(file.path)") }
    #expect(golden.names(below: "default") == Set(tree.files.map(\.path)))
  }

  /// Each choice changes what follows from it and nothing else: the difference is read in review.
  @Test(
    arguments: [
      ("https", ["enable_nginx_ssl": "true", "enable_postgres_ssl": "true", "restapi_https_port": "8443"], []),
      ("three-gpu-workers", ["num_tensorflow_gpu_workers": "1", "num_pytorch_gpu_workers": "2"], []),
      ("no-workers", ["num_tensorflow_cpu_workers": "0", "num_pytorch_cpu_workers": "0"], []),
      ("without-pgadmin", [:], ["dbadmin"]),
      ("without-systemd", [:], ["systemd"]),
      ("data-and-mounts", ["datasets_directory": "/srv/data sets", "systemd_required_mounts": "data.mount"], []),
      ("local-images", ["container_registry": "", "container_tag": "dev"], []),
      ("open-to-all", ["nginx_expose_ports_on_localhost_only": "false", "nginx_server_name": "_"], []),
      ("mirrors", ["registry_mirrors": "docker.io=mirror.example/hub quay.io/minio=mirror.example/minio"], []),
      ("proxy", ["http_proxy": "http://me:${PROXY_PASSWORD}@proxy.example:3128", "no_proxy": ".example.org"], []),
    ] as [(String, [String: String], Set<ComponentID>)])
  func aChoiceChangesWhatFollowsFromIt(
    name: String, values: [String: String], disabled: Set<ComponentID>
  ) async throws {
    let before = try RenderedFolder()
    let after = try RenderedFolder(values, disabled: disabled)
    let difference = try await Tool.run(
      "diff", ["-U1", "-r", "-N", before.path, after.path])
    let text = difference.output.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
      line.hasPrefix("diff ") || line.hasPrefix("+++ ")
        ? nil
        : line.hasPrefix("--- ")
          ? "--- " + line.dropFirst(5 + before.path.count).prefix { $0 != "\t" } : String(line)
    }.joined(separator: "\n")
    try golden.expect(text, in: "changes/\(name).diff")
  }

  @Test func anotherNameChangesTheNameAndNothingElse() throws {
    let before = try RenderedFolder.deployment(["deployment_name": "Origin seven"]).tree
    let after = try RenderedFolder.deployment(["deployment_name": "AI lab"]).tree
    func renamed(_ text: String) -> String {
      text.replacing("origin-seven", with: "ai-lab").replacing("Origin seven", with: "AI lab")
    }
    #expect(after.files.map(\.path) == before.files.map { renamed($0.path) }.sorted())
    for file in before.files { #expect(after[renamed(file.path)]?.masked == renamed(file.masked), "\(file.path)") }
  }

  @Test(arguments: [("dbadmin", "dbadmin|pgadmin"), ("systemd", "systemd|dioptra.service"), ("tfgpu", "tfgpu")])
  func nothingOfASwitchedOffComponentRemains(id: ComponentID, words: String) throws {
    let pattern = try Regex(words).ignoresCase()
    let tree = try RenderedFolder.deployment(disabled: [id]).tree
    let traces = tree.files.filter { $0.path.contains(pattern) || $0.masked.contains(pattern) }.map(\.path)
    // The standalone script knows the words of its option --worker-ssl-service.
    #expect(traces.filter { id != "tfgpu" || $0 != "init-deployment.sh" } == [])
  }
}
