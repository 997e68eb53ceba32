internal import DioptraModel
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension State {
  /// What the output of a deployment's programs may hold and must not show: every secret, and the passwords of proxies,
  /// which users keep in `.env`.
  func secretsInOutput(of deployment: Deployment, in folder: ConfinedFolder) throws -> SecretValues {
    let secrets = try secretValues()
    let names = OutsideProxies(deployment.blueprint, in: deployment.context).settings
    guard !names.isEmpty, let bytes = try? folder.read(Setting.file) else { return secrets }
    let settings = SettingValues(bytes, path: Setting.file)
    var values = secrets.values
    for name in names {
      guard let value = settings.value(of: name) else { continue }
      // A URL has it percent-encoded; programs may show what that stands for.
      let password = String(decoding: value, as: UTF8.self).percentDecoded
      values[SecretReference(name: SecretName(name), version: SecretReference.firstVersion)] = password
    }
    return SecretValues(values)
  }
}
