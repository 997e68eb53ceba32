internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// What decides whether a step is due again: each input by name, with a representation of its value.
struct StepInputs: Codable, Equatable, Sendable {
  /// Digests, versions and values; never a secret.
  let values: [String: String]
  /// The volumes that the step fills, by the engine's names.
  let volumes: [String]
  /// The image that the step fetches.
  let image: String?

  /// - Parameters:
  /// - folder: The folder to read files from, including the user's edits.
  init(of step: Step, in deployment: Deployment, folder: FolderPreview, secretVersions: [SecretName: Int]) throws {
    var values: [String: String] = [:]
    var volumes: [String] = []
    for input in step.inputs {
      switch input {
      case .file(let path): values[path] = try folder.digest(of: path)
      case .variable(let name): values[name.rawValue] = deployment.configuration.entry(name)?.value
      case .setting(let name): values[name] = try folder.settingDigest(name, deployment: deployment)
      case .secret(let name): values["secret \(name)"] = "version \(secretVersions[name] ?? 0)"
      case .volume(let name): volumes.append(deployment.volumeName(name))
      }
    }
    if let call = deployment.callDigest(of: step) { values[Self.call] = call }
    self.values = values
    self.volumes = volumes
    image = if case .fetch(let image) = step.action { try deployment.plainTexts([image])[0] } else { nil }
  }

  /// The image and the arguments of the step.
  static let call = "what it runs"
}

extension FolderPreview {
  /// Represents the value of a line of `.env` without revealing it; `absent` if there is none.
  fileprivate func settingDigest(_ name: String, deployment: Deployment) throws -> String {
    let bytes = try read(Setting.file) ?? []
    // What cannot be read counts as another value; the platform says so itself.
    let settings = try? EnvironmentText(bytes)
    guard let settings, let found = try? settings.value(of: name) ?? "" else { return Digest(of: bytes).hexadecimal }
    guard settings.names.contains(name) else { return "absent" }
    let value = found
    return Digest(of: "\(deployment.context.identity.deployment)\0\(name)\0\(value)").hexadecimal
  }
}
