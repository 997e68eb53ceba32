package import DioptraKitCore

extension WorkersComponent {
  package var migrations: [Migration] {
    [
      Migration(
        "workers.environment", "Workers no longer get DIOPTRA_RESTAPI_ENV.", version: .release("1.1.0")),
      Migration(
        "workers.queue-names", "Workers keep taking jobs from their existing queues.", version: .release("1.1.0"),
        changes: [
          .keepValue(of: "worker_queue_names", "underscored"),
          .note(
            "New deployments have tensorflow-cpu where this one has tensorflow_cpu, and so on. When the queues of the new "
              + "names are registered and no job waits in the old ones: dioptra config set worker_queue_names=hyphenated"
          ),
        ]),
      Migration(
        "workers.account", "The workers' account in the REST API is created if it is missing.",
        version: .release("1.1.0"), changes: [.runStep("workers.account")]),
      Migration(
        "workers.no-database", "Workers no longer get the database's address and password: they use the REST API.",
        version: .template(1)),
    ]
  }
}
