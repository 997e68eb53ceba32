package import DioptraKitCore

extension MLflowComponent {
  package var migrations: [Migration] {
    [
      Migration(
        "mlflow-tracking.schema-3.9", "MLflow is upgraded from 2.17 to 3.9 and migrates its database.",
        version: .release("1.1.0"), direction: .oneWay(because: "MLflow 2.17 cannot use the database of 3.9")),
      Migration(
        "mlflow-tracking.allowed-hosts", "MLflow answers to the hosts that mlflow_server_allowed_hosts names only.",
        version: .release("1.1.0"),
        changes: [.note("MLFLOW_SERVER_ALLOWED_HOSTS is now in .env.")]),
      Migration(
        "mlflow-tracking.schema-3.16", "MLflow is upgraded from 3.9 to 3.16 and migrates its database.",
        version: .release("1.2.0"), direction: .oneWay(because: "MLflow 3.9 cannot use the database of 3.16")),
    ]
  }
}
