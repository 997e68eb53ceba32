internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraSystem

/// Why an image does not come, and what users do about it.
enum FetchProblem {
  case failed(FetchFailure)
  /// Nothing came for so long.
  case stalled(Duration)

  func explained(_ image: String, _ deployment: Deployment, _ engine: any Engine) -> ExecutionFailure {
    let (cause, remedies) = words(image, deployment, engine)
    return ExecutionFailure(cause: cause, remedies: remedies)
  }

  private func words(_ image: String, _ deployment: Deployment, _ engine: any Engine) -> (String, [Remedy]) {
    let choice = deployment.remediesForChoice(of: image)
    let detour = deployment.remedyForMirror(of: image) + deployment.remedyForProxy
    let login: Remedy = "Log in to the registry with \(run: engine.command(.logIn(image: image)))"
    let resuming: Remedy = "Run \(dioptra: "init") to resume; complete images are kept"
    switch self {
    case .stalled(let silence):
      return (
        "\(image): nothing came for \(silence.text)",
        [
          "Check this host's connection to the registry, then run \(dioptra: "init") to resume; complete images are kept"
        ] + detour
      )
    case .failed(.missing):
      return (
        "\(image) is not in its registry, or the registry wants a login",
        choice + deployment.remedyForMirror(of: image) + [login]
      )
    case .failed(.loginNeeded):
      return ("the registry of \(image) wants a login", [login] + choice)
    case .failed(.rateLimited):
      return (
        "the registry of \(image) limits how often images are fetched from one address",
        [
          "Log in, which raises the limit, with \(run: engine.command(.logIn(image: image)))",
          "Wait a few hours, then run \(dioptra: "init") to resume",
        ] + deployment.remedyForMirror(of: image)
      )
    case .failed(.spaceInsufficient):
      return (
        "the engine's disk is full, and \(image) does not fit on it",
        [
          "Free space \(engine.dataFolder.map { "in \($0)" } ?? "on the engine") (\(run: engine.command(.showSpace)) shows what takes it), then run \(dioptra: "init") to resume"
        ]
      )
    case .failed(.otherArchitecture):
      return ("\(image) is not made for this machine's processor", choice + ["Use a machine with an x86-64 processor"])
    case .failed(.untrusted):
      return (
        "the engine does not trust the certificate of the registry of \(image)",
        [
          "Give the engine the certificate of the authority that issued it, with \(run: engine.command(.trustRegistry(of: image)))"
        ]
      )
    case .failed(.interrupted(let words)):
      return ("\(image) cannot be fetched: \(words)", [resuming] + detour + choice)
    case .failed(.refused(let words)):
      return ("\(image) cannot be fetched: \(words)", choice + detour)
    }
  }
}

extension Deployment {
  /// How to choose another image; nothing for one that no variable chooses.
  fileprivate func remediesForChoice(of image: String) -> [Remedy] {
    let names = choosers(of: image).filter { $0 != RegistryMirrors.variable }
    guard let last = names.last else { return [] }
    let list = names.map(described).joined(separator: " and ")
    if list == last.rawValue { return ["Choose another image with \(dioptra: "config", "set", "\(last)=…")"] }
    return ["Choose another image with \(dioptra: "config", "set", "\(last)=…"); this one is chosen by \(list)"]
  }

  /// A variable's name, with what it is made of if the user did not choose it.
  private func described(_ name: VariableName) -> String {
    guard let variable = configuration.variables.first(where: { $0.name == name }),
      configuration.entry(name)?.layer == .derived, case .derived(let explanation, _) = variable.defaultValue
    else { return name.rawValue }
    return "\(name) (by default \(explanation))"
  }

  /// How to fetch an image from a mirror, or from another one.
  fileprivate func remedyForMirror(of image: String) -> [Remedy] {
    let variable = RegistryMirrors.variable
    guard configuration.entry(variable) != nil else { return [] }
    if choosers(of: image).contains(variable) {
      return ["Correct its mirror with \(dioptra: "config", "set", "\(variable)=…")"]
    }
    let registry = dialect.fullName(ofImage: Text(image)).visible.prefix { $0 != "/" }
    return ["Fetch it from a mirror with \(dioptra: "config", "set", "\(variable)=\(registry)=MIRROR")"]
  }

  /// What users forget who gave the containers a proxy.
  fileprivate var remedyForProxy: [Remedy] {
    guard OutsideProxies(blueprint, in: context).isChosen else { return [] }
    return [
      "Give \(dialect.words.engine) itself a proxy, because the one in \(ConfigurationFile.name) is for containers"
    ]
  }

  /// How many images are fetched at once.
  var fetchesAtOnce: Int {
    configuration.entry(Configuration.fetchesVariable).flatMap { Int($0.value) } ?? 1
  }
}
