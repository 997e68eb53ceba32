import DioptraKitCore

/// Whether `.env` has the password that the URL of a proxy names.
struct ProxyPasswordCheck: DoctorCheck {
  let title = "proxy password"
  let isGuard = true

  func findings(in context: CheckContext) throws -> [CheckFinding] {
    let variables = [OutsideProxies.httpVariable, OutsideProxies.httpsVariable]
    var named: [String: VariableName] = [:]
    for variable in variables.reversed() {
      for name in ProxyAddress.settings(in: try context.configuration[variable]) { named[name] = variable }
    }
    guard !named.isEmpty, let bytes = try context.folder.read(Setting.file) else { return [] }
    let settings = SettingValues(bytes, path: Setting.file)
    let missing = named.filter { settings.value(of: $0.key)?.isEmpty != false }.sorted { $0.key < $1.key }
    return missing.map { name, variable in
      .error(
        "\(Setting.file) does not set \(name), which \(variable) names",
        remedy: "Add the line \(name)=VALUE to \(edit: Setting.file); characters such as @ and / are percent-encoded")
    }
  }
}
