import Foundation
import TestSupport
import Testing

/// Secrets are taken over exactly as they are, or not at all.
struct AdoptSecretTests {
  @Test func everySecretIsTheOneThatTheDeploymentRunsWith() async throws {
    let scene = try AdoptScene("1.1.0")
    _ = try await scene.adopted()
    for (name, value) in scene.form.secrets where name != "postgres_admin_password" {
      let shown = try await scene.dioptra(["secret", "show", name, "-C", "lab"])
      #expect(shown.output == "\(value)\n", "\(name)")
    }
    // The server took the whole first line of the file for the password.
    let superuser = try await scene.dioptra(["secret", "show", "postgres_admin_password", "-C", "lab"])
    #expect(superuser.output == "POSTGRES_PASSWORD=\(scene.form.secrets["postgres_admin_password"] ?? "")\n")
  }

  @Test func passwordsThatUrisEncodeAreTheSame() async throws {
    var secrets = ReferenceForm.secrets
    secrets["postgres_user_dioptra_password"] = "hollow'maple/sparrow@2"
    let scene = try AdoptScene("1.1.0", secrets: secrets)
    let report = try await scene.adopted()
    #expect(report.edited.isEmpty, "\(report.edited)")
    let shown = try await scene.dioptra(["secret", "show", "postgres_user_dioptra_password", "-C", "lab"])
    #expect(shown.output == "hollow'maple/sparrow@2\n")
    try await scene.expectCleanDrift()
  }

  @Test func noRecordHoldsAShortPasswordInPlainText() async throws {
    var secrets = ReferenceForm.secrets
    secrets["pgadmin_default_password"] = "zqxwvu"
    let scene = try AdoptScene("1.1.0", secrets: secrets)
    _ = try await scene.adopted()
    try await scene.expectCleanDrift()
    #expect(try await !scene.dioptra(["history", "export", "-C", "lab"]).output.contains("zqxwvu"))
  }

  @Test func disagreeingFilesStopAdoptionAndAreAllNamed() async throws {
    let scene = try AdoptScene("1.1.0") { form in
      form.edit(".env") { text in
        text = text.replacing(/MINIO_ROOT_PASSWORD=[^\n]*/, with: "MINIO_ROOT_PASSWORD=another-secret-1")
        text = text.replacing("dioptra:hollow_maple_sparrow_2@", with: "dioptra:another-secret-2@", maxReplacements: 1)
      }
    }
    let outcome = try await scene.dioptra(["adopt", "lab"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("2 secrets are not the same everywhere"))
    for place in [
      ".env:MINIO_ROOT_PASSWORD", "secrets/dioptra-deployment-minio-accounts.env:MINIO_ROOT_PASSWORD",
      ".env:POSTGRES_USER_DIOPTRA_PASSWORD", ".env:DIOPTRA_RESTAPI_DATABASE_URI",
      ".env:DIOPTRA_MLFLOW_TRACKING_DATABASE_URI",
    ] {
      #expect(outcome.errors.contains(place))
    }
    #expect(outcome.errors.split(separator: "\n").count == 1)
    for secret in ["another-secret", "hollow", "Harbor"] { #expect(!outcome.errors.contains(secret)) }
    try scene.expectNothingWritten()

    let before = try scene.files()
    let decided = try await scene.adopted([
      "--take", "minio_root_password=secrets/dioptra-deployment-minio-accounts.env", "--take",
      "postgres_user_dioptra_password=.env:POSTGRES_USER_DIOPTRA_PASSWORD",
    ])
    // The wrong lines are the user's from now on.
    #expect(decided.edited.map(\.path) == [".env"])
    #expect(
      decided.edited.first?.lines.map(\.text) == [
        "DIOPTRA_RESTAPI_DATABASE_URI=‹hidden›", "MINIO_ROOT_PASSWORD=‹hidden›",
      ])
    #expect(try scene.files() == before)
    try await scene.expectCleanDrift()
    let shown = try await scene.dioptra(["secret", "show", "minio_root_password", "-C", "lab"])
    #expect(shown.output == "Harbor-Lantern-Velvet-Orchid-3\n")
  }

  @Test(arguments: [
    ("minio_root_password=README.md", "is not in 'README.md'"),
    ("minio_rot_password=.env", "there is no secret 'minio_rot_password' in the folder. Perhaps minio_root_password"),
    ("minio_root_password", "NAME=PATH"),
  ])
  func anInvalidPlaceIsReported(taken: String, words: String) async throws {
    let scene = try AdoptScene("1.1.0")
    let outcome = try await scene.dioptra(["adopt", "lab", "--take", taken])
    #expect(outcome.status == (taken.contains("=") ? 1 : 64))
    #expect(taken.contains("=") ? outcome.errors.contains(words) : true, "\(outcome.errors)")
    try scene.expectNothingWritten()
  }

  @Test func aMissingSecretStopsAdoption() async throws {
    let scene = try AdoptScene("1.1.0") { $0.remove("secrets/postgres-passwd.env") }
    let outcome = try await scene.dioptra(["adopt", "lab"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "the secret postgres_admin_password is nowhere: secrets/postgres-passwd.env:POSTGRES_PASSWORD is missing"))
    try scene.expectNothingWritten()
  }
}
