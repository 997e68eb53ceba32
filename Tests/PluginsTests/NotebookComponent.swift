import DioptraKitCore

/// Notebooks with a database, a bucket and a page of their own.
struct NotebookComponent: Component {
  let id: ComponentID = "notebook"
  let summary = "Notebooks in the browser"
  let requires: [ComponentID] = ["deployment", "nginx", "postgres", "minio"]

  let variables = [
    Variable("notebook_image", .image, default: .value("jupyterhub/jupyterhub:5.2"), help: "Image of the notebooks."),
    Variable("notebook_port", .port, default: .value("35090"), help: "Port of the host that leads to the notebooks."),
  ]

  func contributions(in context: Context) throws -> [Contribution] {
    let login: Text = "notebook:\(secret: "notebook_database_password", .percent)"
    return try [
      .database(SQLDatabase("notebook", role: "notebook", password: "notebook_database_password")),
      .bucket(Bucket("notebook")),
      .objectStoreAccount(
        ObjectStoreAccount(
          "notebook", key: "NOTEBOOK", secret: "notebook_store_password", policies: [.readWrite("notebook")])),
      .setting(Setting("NOTEBOOK_DATABASE_URI", "postgresql://\(login)@\(endpoint: "postgres")/notebook")),
      .service(
        Service(
          "notebook", "Notebooks in the browser.", image: context["notebook_image"],
          environment: [
            .text("AWS_ENDPOINT_URL", "http://\(endpoint: "s3")"), .setting("NOTEBOOK_DATABASE_URI"),
            .setting("AWS_ACCESS_KEY_ID", from: "NOTEBOOK_AWS_ACCESS_KEY_ID"),
            .setting("AWS_SECRET_ACCESS_KEY", from: "NOTEBOOK_AWS_SECRET_ACCESS_KEY"),
          ],
          healthCheck: HealthCheck(["curl", "-f", "http://localhost:8000/hub/health"], timeout: 10, retries: 3))),
      .endpoint(Endpoint("notebook", service: "notebook", port: 8000)),
      .proxyServer(
        ProxyServer("notebook", file: "notebook", "Notebooks", port: 35090, hostPort: context["notebook_port"])),
      .proxyLocation(ProxyLocation("notebook", .prefix("/"), .pass("notebook"))),
    ]
  }
}
