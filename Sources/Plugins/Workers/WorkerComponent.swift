package import DioptraKitCore

/// The workers of one kind.
package struct WorkerComponent: AdoptableComponent {
  let kind: WorkerKind

  package init(_ kind: WorkerKind) {
    self.kind = kind
  }

  package var id: ComponentID { ComponentID(kind.rawValue) }
  package var summary: String { "\(kind.title) workers" }
  package var requires: [ComponentID] { ["workers"] }

  package var variables: [Variable] {
    [
      Variable(
        kind.countVariable, .count, default: .value(String(kind.defaultCount)),
        help: "Number of \(kind.title) workers." + (kind.accelerator == nil ? "" : " Each gets a GPU of its own."),
        promptPosition: 100 + 10 * (WorkerKind.allCases.firstIndex(of: kind) ?? 0)),
      .projectImage(kind.imageVariable, image: kind.image, entry: kind.rawValue),
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    let workers = reference.serviceNames.filter { $0.hasPrefix("\(kind.rawValue)-") }
    let numbers = workers.compactMap { Int($0.dropFirst(kind.rawValue.count + 1)) }.sorted()
    var findings: [AdoptionFinding] = [.variable(kind.countVariable, String(numbers.count))]
    if numbers != Array(numbers.indices.map { $0 + 1 }) {
      findings.append(
        .note(
          "the \(kind.title) workers have the numbers \(numbers.map(String.init).joined(separator: ", ")); "
            + "what dioptra renders has 1 to \(numbers.count)"))
    }
    return findings + reference.image(kind.imageVariable, of: workers.first.flatMap(reference.service))
  }

  package func contributions(in context: Context) throws -> [Contribution] {
    let count = try context.count(kind.countVariable)
    guard count > 0 else { return [] }
    let trust = try TrustStore(
      "workers", service: ServiceName("\(kind.rawValue)-ssl"), choice: kind.rawValue,
      choiceVariable: "worker_ssl_service",
      image: context[kind.imageVariable], authorities: WorkersComponent.authorities, bundle: WorkersComponent.bundle,
      rank: kind.accelerator == nil ? 0 : 1)
    return try [.trustStore(trust)] + (1...count).map { .service(try worker($0, of: count, trust, in: context)) }
  }

  private func worker(_ number: Int, of count: Int, _ trust: TrustStore, in context: Context) throws -> Service {
    let slug = try context.configuration["project_slug"]
    let awaited: [EndpointName] = ["redis", "s3-console", "postgres", "mlflow-tracking", "restapi"]
    return try Service(
      ServiceName("\(kind.rawValue)-\(number < 10 ? "0" : "")\(number)"),
      "\(kind.title) worker \(number) of \(count).",
      image: context[kind.imageVariable],
      command: awaited.flatMap { ["--wait-for", "\(endpoint: $0)"] } + [Text(kind.queue(in: context))],
      environmentFiles: ["envs/ca-certificates.env", "envs/\(slug)-worker.env"]
        + (kind.accelerator == nil ? ["envs/\(slug)-worker-cpu.env"] : []),
      environment: [
        .setting("AWS_ACCESS_KEY_ID", from: "WORKER_AWS_ACCESS_KEY_ID"),
        .setting("AWS_SECRET_ACCESS_KEY", from: "WORKER_AWS_SECRET_ACCESS_KEY"),
        .setting("DIOPTRA_WORKER_USERNAME"),
        .setting("DIOPTRA_WORKER_PASSWORD"),
      ],
      mounts: trust.mounts
        + (context.isBlank("datasets_directory") ? [] : [.host(context["datasets_directory"], at: Self.dataPath)]),
      healthCheck: HealthCheck(["python", "-c", Self.isRegistered], timeout: 60, retries: 5, startPeriod: 80),
      accelerator: kind.accelerator, dataPath: Self.dataPath, reachesOut: true)
  }

  private static let dataPath = "/dioptra/data"

  /// Asks Redis for a worker with this container's host name: a busy worker is registered too, while a hung one's entry
  /// expires.
  private static let isRegistered: Text = """
    import os, redis, socket, sys
    queue = redis.from_url(os.environ["RQ_REDIS_URI"], decode_responses=True)
    hosts = [queue.hget(worker, "hostname") for worker in queue.smembers("rq:workers")]
    sys.exit(socket.gethostname() not in hosts)
    """
}
