import DioptraKitCore

extension DeploymentComponent {
  /// What a folder made by the reference template shows about the deployment as a whole.
  func recognized(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    var findings: [AdoptionFinding] = [.variable("project_slug", reference.slug)]
    // The title, if the deployment's prefix can have been derived from it.
    let titles = try reference.rests(after: "# ", in: "README.md")
    let name = titles.first { slug(of: $0) == reference.slug } ?? reference.slug
    findings.append(.variable("deployment_name", name))
    if let parts = try imageParts(in: reference) {
      findings += [
        .variable("container_registry", parts.registry), .variable("container_namespace", parts.namespace),
        .variable("container_tag", parts.tag),
      ]
      // The template does not ask for this variable.
      // Empty parts of a name are left out with their slash.
      let namespace = parts.namespace.isEmpty ? "" : "\(parts.namespace)/"
      if parts.registry.isEmpty {
        findings.append(.written("image: {container_registry}/dioptra/", "image: \(namespace)"))
      } else if parts.namespace != "dioptra" {
        findings.append(.written("{container_registry}/dioptra/", "\(parts.registry)/\(namespace)"))
      }
    }
    let start = try ["systemd/dioptra.service", "scripts/templates/dioptra.service.j2"].lazy
      .compactMap { try reference.rest(after: "ExecStart=", in: $0) }.first
    if let command = start?.firstRange(of: " up "), let start {
      findings.append(.variable("docker_compose_path", String(start[..<command.lowerBound])))
    }
    if !reference.networks.isEmpty {
      findings.append(.variable("networks", reference.networks.joined(separator: " ")))
      findings += reference.networks.filter { $0 != "dioptra" }.map { .written("dioptra", $0) }
    }
    return findings
  }

  private struct ImageParts: Hashable {
    let registry: String
    let namespace: String
    let tag: String
  }

  /// The common part of most of Dioptra's own images.
  private func imageParts(in reference: ReferenceFolder) throws -> ImageParts? {
    let own = Set([
      "nginx", "mlflow-tracking", "restapi", "tensorflow2-cpu", "tensorflow2-gpu", "pytorch-cpu", "pytorch-gpu",
    ])
    var counts: [ImageParts: Int] = [:]
    for name in reference.serviceNames {
      guard let image = reference.service(name)?.image, let colon = image.lastIndex(of: ":") else { continue }
      var parts = image[..<colon].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard let last = parts.popLast(), own.contains(last), !image.contains("@") else { continue }
      let namespace = parts.popLast() ?? ""
      let tag = String(image[image.index(after: colon)...])
      counts[ImageParts(registry: parts.joined(separator: "/"), namespace: namespace, tag: tag), default: 0] += 1
    }
    return counts.max { ($0.value, $1.key.tag) < ($1.value, $0.key.tag) }?.key
  }
}
