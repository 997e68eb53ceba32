package import DioptraKitCore

extension MinioComponent {
  package var migrations: [Migration] {
    [
      Migration(
        "minio.restapi-policy",
        "The REST API's account can read and write MLflow's artifacts; eight older policies are removed.",
        version: .release("1.1.0"),
        changes: [
          .runStep("minio.setup"),
          .note("The buckets `plugins` and `workflow` are kept with their contents; nothing uses them any more."),
        ]),
      Migration(
        "minio.quay", "MinIO's images come from quay.io, at the versions that they have: Docker Hub has them no more.",
        version: .template(1),
        changes: [("minio_image", "minio/minio:"), ("mc_image", "minio/mc:")].flatMap { name, old in
          ["", "docker.io/"].map { .replacePrefix(of: name, from: $0 + old, with: "quay.io/" + old) }
        }),
    ]
  }
}
