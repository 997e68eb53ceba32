import DioptraKitCore

extension WorkersComponent {
  /// What the workers share in a folder made by the reference template.
  func recognized(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    let workers = reference.serviceNames.filter { name in
      WorkerKind.allCases.contains { name.hasPrefix("\($0.rawValue)-") }
    }.compactMap(reference.service)
    let queues = Set(workers.compactMap(\.command.last))
    let old = Set(WorkerKind.allCases.map { $0.queue.replacing("-", with: "_") })
    let isOld = !queues.isDisjoint(with: old)
    let suffix = ":/dioptra/data:ro"
    let data = workers.flatMap(\.mounts).first { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    return [.variable("worker_queue_names", isOld ? WorkerKind.underscored : WorkerKind.hyphenated)]
      + (data.map { dataSets($0, in: reference) } ?? [])
      + (try reference.secret("dioptra_worker_password", at: [.init(".env", "DIOPTRA_WORKER_PASSWORD")]))
      + (try reference.secret(
        "minio_worker_password",
        at: [
          .init(".env", "WORKER_AWS_SECRET_ACCESS_KEY"),
          .init("secrets/\(reference.slug)-minio-accounts.env", "MINIO_WORKER_PASSWORD"),
        ]))
  }

  /// Compose resolves a relative path from the folder.
  private func dataSets(_ path: String, in reference: ReferenceFolder) -> [AdoptionFinding] {
    let absolute = DeploymentFolder.absolute(path, from: reference.folder.path, home: nil)
    return [.variable("datasets_directory", absolute), .written("{datasets_directory}", path)]
  }
}
