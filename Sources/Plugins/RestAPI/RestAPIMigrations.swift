package import DioptraKitCore

extension RestAPIComponent {
  package var migrations: [Migration] {
    [
      Migration(
        "restapi.schema-1.0.1", "The REST API migrates its database to the schema of release 1.0.1.",
        version: .release("1.0.1"), direction: .oneWay(because: "older releases cannot use that schema"),
        changes: [.runStep("restapi.start")]),
      Migration(
        "restapi.schema-1.1", "The REST API migrates its database to the schema of release 1.1.0.",
        version: .release("1.1.0"), direction: .oneWay(because: "older releases cannot use that schema"),
        changes: [.runStep("restapi.start")]),
      Migration(
        "restapi.import-script", "import_resources.py imports plugins and entry points from git repositories.",
        version: .release("1.1.0")),
      Migration(
        "restapi.schema-1.2", "The REST API migrates its database to the schema of release 1.2.",
        version: .release("1.2.0"), direction: .oneWay(because: "older releases cannot use that schema"),
        changes: [.runStep("restapi.start")]),
      Migration(
        "restapi.session-key", "Sessions are signed with the deployment's own key instead of a public one.",
        version: .template(1), changes: [.note("All users have to log in again.")]),
    ]
  }
}
