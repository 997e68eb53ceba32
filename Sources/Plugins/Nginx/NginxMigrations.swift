package import DioptraKitCore

extension NginxComponent {
  package var migrations: [Migration] {
    [
      Migration(
        "nginx.single-page", "The front end's own addresses can be opened and reloaded in the browser.",
        version: .release("1.1.0"))
    ]
  }
}
