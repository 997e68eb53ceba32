import Foundation
import TestSupport
import Testing

/// What an engine reports about a folder that is to be adopted. A script takes the place of Docker's command line.
struct AdoptEngineTests {
  private let scene: AdoptScene

  init() throws {
    scene = try AdoptScene("main")
    try docker()
  }

  /// Has the engine answer.
  ///
  /// - Parameters:
  ///   - volumes: What the engine says of its volumes.
  ///   - containers: What it says of each container.
  ///   - data: The content of the database's volume.
  private func docker(volumes: String = Self.volume(), containers: [String] = [], data: String = "17") throws {
    let digest = String(repeating: "ab", count: 32)
    try StandInDocker(in: scene.scratch).write(
      [
        "GET /info": StandInDocker.info, "GET /volumes": #"{"Volumes": \#(volumes)}"#,
        "GET /containers/json": "[\(containers.joined(separator: ", "))]",
        "GET /containers/c1/json": #"{"Image": "sha256:a1", "State": {"Status": "running", "ExitCode": 0}}"#,
        "GET /images/sha256:a1/json":
          #"{"Id": "sha256:a1", "RepoDigests": ["other@sha256:00", "redis@sha256:\#(digest)"]}"#,
        "GET /images/dpage/pgadmin4:latest/json":
          #"{"Id": "2", "RepoDigests": [], "Config": {"Labels": {"org.opencontainers.image.version": "8.14"}}}"#,
        "GET /images/minio/minio:latest/json":
          #"{"Id": "3", "RepoDigests": null, "Config": {"Labels": null}}"#,
        "GET /images/*": #"{"Id": "4"}"#,
      ], cases: "run*) echo '\(data)' ;;")
  }

  private static func volume(labels: String = "{}") -> String {
    """
    [{"Name": "dioptra-deployment_postgres-data", "Labels": \(labels), "CreatedAt": "2026-01-02T03:04:05Z"},
     {"Name": "dioptra-deployment_minio-data", "Labels": null, "CreatedAt": "2026-01-02T03:04:06Z"}]
    """
  }

  private func container(_ name: String, image: String = "redis:latest", service: String, workingDirectory: String)
    -> String
  {
    """
    {"Id": "c1", "Names": ["/\(name)"], "Image": "\(image)", "State": "running", "Labels": {
      "com.docker.compose.service": "\(service)", "com.docker.compose.project.working_dir": "\(workingDirectory)"}}
    """
  }

  private func dioptra(_ arguments: String..., withEngine: Bool = true) async throws -> Tool.Outcome {
    try await Tool.run(
      Tool.dioptra, arguments,
      environment: [
        "DIOPTRA_REFERENCE_FINGERPRINTS": scene.scratch.file("fingerprints.json"),
        "PATH": withEngine ? "\(StandInDocker(in: scene.scratch).folder):/usr/bin:/bin" : "/nowhere",
      ], in: scene.scratch.path)
  }

  private func report(_ outcome: Tool.Outcome) throws -> AdoptScene.Report {
    try JSONDecoder().decode(AdoptScene.Report.self, from: Data(outcome.output.utf8))
  }

  @Test func imagesThatMoveArePinnedToWhatRunsAndVolumesAreClaimed() async throws {
    try docker(containers: [container("lab-redis-1", service: "dioptra-deployment-redis", workingDirectory: scene.path)]
    )
    let outcome = try await dioptra("adopt", "lab", "--json")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let variables = try report(outcome).variables
    #expect(variables["redis_image"] == "redis@sha256:\(String(repeating: "ab", count: 32))")
    #expect(variables["dbadmin_image"] == "dpage/pgadmin4:8.14")
    #expect(variables["minio_image"] == "minio/minio:latest")
    #expect(try report(outcome).notes.contains { $0.hasPrefix("minio/minio:latest is not pinned") })
    let claims = try Shell.object(outcome)["claims"] as? [String]
    #expect(claims == ["dioptra-deployment_minio-data", "dioptra-deployment_postgres-data"])
    #expect(try await dioptra("drift", "-C", "lab").status == 0)
    #expect(try await dioptra("history", "verify", "-C", "lab").status == 0)
  }

  @Test func withoutAnEngineTheVolumesAreClaimedTheNextTime() async throws {
    let first = try await dioptra("adopt", "lab", withEngine: false)
    #expect(first.status == 0)
    let next = try await dioptra("adopt", "lab")
    #expect(next.status == 0)
    #expect(next.output.contains("dioptra-deployment_postgres-data"), "\(next.output)\(next.errors)")
    let third = try await dioptra("adopt", "lab")
    #expect(third.output.contains("nothing to adopt"))
  }

  @Test func volumesOfAnotherDeploymentStopAdoption() async throws {
    try docker(volumes: Self.volume(labels: #"{"org.dioptrakit.deployment": "feedfeedfeedfeed"}"#))
    let outcome = try await dioptra("adopt", "lab")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("dioptra-deployment_postgres-data belongs to the deployment feedfeedfeedfeed"))
    try scene.expectNothingWritten()
  }

  @Test func containersOfAnotherFolderStopAdoption() async throws {
    try docker(containers: [container("old-db-1", service: "dioptra-deployment-db", workingDirectory: "/srv/old")])
    let outcome = try await dioptra("adopt", "lab")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("the container old-db-1 of the folder /srv/old uses the same volumes"))
    try scene.expectNothingWritten()
  }

  @Test func servicesOfAnInitialisationThatFailedAreNoted() async throws {
    try docker(containers: [container("lab-restapi-1", image: "x:1", service: "restapi", workingDirectory: scene.path)])
    let outcome = try await dioptra("adopt", "lab", "--dry-run")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("would restart with the host: lab-restapi-1"))
  }

  @Test func theDataDecideTheImageOfTheDatabase() async throws {
    try docker(data: "16")
    let older = try await dioptra("adopt", "lab", "--dry-run", "--json")
    #expect(try report(older).variables["postgres_container_tag"] == "16")
    try docker(data: "18")
    let newer = try await dioptra("adopt", "lab")
    #expect(newer.status == 1)
    #expect(newer.errors.contains("dioptra-deployment_postgres-data are of PostgreSQL 18"), "\(newer.errors)")
    #expect(newer.errors.contains("Use 17 or older"))
    try scene.expectNothingWritten()
  }
}
