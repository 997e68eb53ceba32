import DioptraKitCore
import Foundation
import Plugins

/// A folder of the same facts as one that the reference template makes, in our own words: what `adopt` is tried on.
///
/// It is made of what dioptra renders, with the differences of each release put in. The fingerprints that belong to
/// such folders are made by the same rule as those that the program carries; see `ReferenceForm.fingerprints`.
package struct ReferenceForm: Sendable {
  package struct File: Sendable, Equatable {
    package var text: String
    package var mode: Int
  }

  /// The releases of the template, with `main` for its current state.
  package static let releases = ["1.0.0", "1.0.1", "1.1.0", "main"]

  package let release: String
  package let slug: String
  package internal(set) var files: [String: File] = [:]
  /// The values of the secrets, as the template makes passwords.
  package let secrets: [String: String]
  /// What the template's generator was told.
  package let values: [String: String]

  /// - Parameters:
  ///   - values: What the user chose, under the template's names.
  /// - folder: The path of the folder.
  ///   - isRunnable: Whether an engine has to run it: images stay those that dioptra has, and the scripts that its own
  ///     init-deployment.sh needs are there.
  package init(
    _ release: String, values: [String: String] = [:], folder: String = "/srv/dioptra-deployment",
    isRunnable: Bool = false, secrets: [String: String] = Self.secrets
  ) throws {
    let defaults = isRunnable ? ["branch": "main"] : Self.defaults(of: release)
    let values = defaults.merging(values) { $1 }
    let rendered = try Rendered(values, folder: folder, secrets: secrets)
    self.init(release, rendered, values: values, isRunnable: isRunnable, secrets: secrets)
    if !isRunnable { forgetPrivateVariables() }
  }

  /// Nothing in these files depends on the variables that the template does not ask for.
  private mutating func forgetPrivateVariables() {
    let user = values["db_admin_username"] ?? "postgres"
    let database = values["db_admin_database"] ?? "postgres"
    if let port = values["restapi_http_port"], port != "80" {
      edit("README.md") { $0 = $0.replacing(":\(port)/>", with: "/>") }
      edit("ssl/nginx/README.md") { $0 = $0.replacing("Port \(port) then", with: "Port 80 then") }
    }
    edit("init-deployment.sh") { text in
      text = text.replacing(" -U \(user)\n", with: " -U postgres\n")
        .replacing("--username \(user) --dbname \(database) ", with: "--username postgres --dbname postgres ")
    }
  }

  /// - Parameter rendered: What dioptra renders for the values.
  init(
    _ release: String, _ rendered: Rendered, values: [String: String], isRunnable: Bool, secrets: [String: String]
  ) {
    self.release = release
    self.secrets = secrets
    self.values = values
    slug = rendered.slug
    files = rendered.files
    rewrite(isRunnable: isRunnable)
  }

  /// What dioptra renders, before a release's differences are put in.
  struct Rendered {
    let slug: String
    let files: [String: File]

    init(_ values: [String: String], folder: String, secrets: [String: String]) throws {
      // Our own files quote what begins like a number; the template quotes nothing.
      guard values["deployment_name"]?.first?.isNumber != true else {
        self = try Rendered(numbered: values, folder: folder, secrets: secrets)
        return
      }
      let identity = Identity(deployment: "0123456789abcdef", folder: folder)
      let text = values.sorted { $0.key < $1.key }.map { "\($0.key): '\($0.value)'\n" }.joined()
      let deployment = try Deployment(
        registry: ReferenceDeployment.registry(), file: ConfigurationFile(text: text), identity: identity)
      slug = try deployment.configuration["project_slug"]
      let known = SecretValues(
        Dictionary(
          uniqueKeysWithValues: deployment.blueprint.secrets.map { secret in
            (SecretReference(name: secret.name, version: 1), secrets[secret.name.rawValue] ?? "unused")
          }))
      files = Dictionary(
        uniqueKeysWithValues: try deployment.tree.files.map { file in
          let mode = file.permissions.mode & 0o100 == 0 ? 0o644 : 0o755
          return (file.path, File(text: String(decoding: try file.bytes(secrets: known), as: UTF8.self), mode: mode))
        })
    }

    /// The same for a name that begins with a digit.
    private init(numbered values: [String: String], folder: String, secrets: [String: String]) throws {
      let name = values["deployment_name"] ?? ""
      let other = try Rendered(
        values.merging(["deployment_name": "Zq\(name)"]) { $1 }, folder: folder, secrets: secrets)
      let (long, short) = (other.slug, String(other.slug.dropFirst(2)))
      func plain(_ text: String) -> String { text.replacing(long, with: short).replacing("Zq\(name)", with: name) }
      slug = short
      files = Dictionary(
        uniqueKeysWithValues: other.files.map { (plain($0.key), File(text: plain($0.value.text), mode: $0.value.mode)) }
      )
    }
  }

  /// Passwords of words, in the template's manner, and a key.
  package static let secrets = [
    "minio_root_password": "Harbor-Lantern-Velvet-Orchid-3",
    "minio_mlflow_tracking_password": "meadow_copper_thistle_walnut_8",
    "minio_restapi_password": "granite_willow_saffron_ember_1",
    "minio_worker_password": "falcon_juniper_pebble_cobalt_5",
    "pgadmin_default_password": "ribbon_marble_cinder_poplar_0",
    "postgres_admin_password": "Anchor-Bramble-Quartz-7",
    "postgres_user_dioptra_password": "hollow_maple_sparrow_2",
    "dioptra_worker_password": "Timber-Canyon-Violet-9",
    "minio_kms_secret_key": "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=",
  ]

  private static func defaults(of release: String) -> [String: String] {
    let own = release.hasPrefix("1.0") ? ["container_registry": "", "container_tag": "dev"] : [:]
    let postgres = ["1.0.0": "16", "1.0.1": "15"][release] ?? "17"
    return own.merging(["postgres_container_tag": postgres, "branch": "main"]) { $1 }
  }

  // MARK: Writing

  /// Writes the folder.
  package func write(to path: String) throws {
    for (name, file) in files {
      let url = URL(filePath: "\(path)/\(name)")
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: url)
      try FileManager.default.setAttributes([.posixPermissions: file.mode], ofItemAtPath: url.path())
    }
  }

  /// The notes of the template's generator.
  package var cruft: String {
    let context = values.merging(["deployment_name": values["deployment_name"] ?? "Dioptra deployment"]) { $1 }
      .filter { $0.key != "branch" }
    let object: [String: Any] = [
      "template": "cookiecutter-templates/cookiecutter-dioptra-deployment", "commit": "0000000",
      "context": ["cookiecutter": context],
    ]
    let data = (try? JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  // MARK: Editing

  /// Edits a file as a user does.
  package mutating func edit(_ path: String, _ change: (inout String) -> Void) {
    guard var file = files[path] else { return }
    change(&file.text)
    files[path] = file
  }

  package mutating func add(_ path: String, _ text: String, mode: Int = 0o644) {
    files[path] = File(text: text, mode: mode)
  }

  package mutating func remove(_ path: String) {
    files[path] = nil
  }
}
