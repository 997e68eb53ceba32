package import DioptraKitCore

/// The queue between the REST API and the workers.
package struct RedisComponent: AdoptableComponent {
  package let id: ComponentID = "redis"
  package let summary = "Redis, the queue of jobs"
  package let requires: [ComponentID] = ["deployment"]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
    [
      Variable(
        "redis_image", .image, default: .value("redis:7.2.6"), help: "Image of Redis.",
        containerPart: .image(of: "redis"), supersededPrefixes: ["redis:latest"])
    ]
  }

  package func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    try reference.image("redis_image", of: reference.required("redis"))
  }

  package func contributions(in context: Context) throws -> [Contribution] {
    try [
      .service(
        Service(
          "redis", "The queue of jobs; every change is appended to its file.", image: context["redis_image"],
          command: ["redis-server", "--appendonly", "yes"],
          mounts: [.volume("redis-data", at: "/data")],
          healthCheck: HealthCheck(["redis-cli", "ping"], timeout: 10, retries: 3))),
      .endpoint(Endpoint("redis", service: "redis", port: 6379)),
      .volume(Volume("redis-data", "Redis: append-only file")),
      .backupData(.volume(VolumeCopy("redis-data", "the queue of jobs"))),
      .volumePreparation(
        VolumePreparation(
          "redis-data", directoryOption: "redis-data-dir",
          owner: .init(option: "chown-redis", help: "Owner of Redis's files", value: "999:999"),
          actions: [.init(.folder(mode: "0700"))])),
    ]
  }
}
