package import DioptraKitCore

extension PostgresComponent {
  package var migrations: [Migration] {
    [
      Migration(
        "postgres.keep-major",
        "PostgreSQL stays at the major version that its data have, although the template's default went down.",
        version: .release("1.0.1"), changes: [.keepValue(of: "postgres_container_tag", "16")])
    ]
  }
}
