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
    let choice = deployment.remedyForChoice(of: image)
    let login: Remedy = "Log in to the registry with \(run: engine.command(.logIn(image: image)))"
    let resuming: Remedy = "Run \(dioptra: "init") to resume; complete images are kept"
    switch self {
    case .stalled(let silence):
      return (
        "\(image): nothing came for \(silence.text)",
        [
          "Check this host's connection to the registry, then run \(dioptra: "init") to resume; complete images are kept"
        ]
      )
    case .failed(.missing):
      return ("\(image) is not in its registry, or the registry wants a login", choice + [login])
    case .failed(.loginNeeded):
      return ("the registry of \(image) wants a login", [login] + choice)
    case .failed(.rateLimited):
      return (
        "the registry of \(image) limits how often images are fetched from one address",
        [
          "Log in, which raises the limit, with \(run: engine.command(.logIn(image: image)))",
          "Wait a few hours, then run \(dioptra: "init") to resume",
        ]
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
      return ("\(image) cannot be fetched: \(words)", [resuming] + choice)
    case .failed(.refused(let words)):
      return ("\(image) cannot be fetched: \(words)", choice)
    }
  }
}

extension Deployment {
  /// How to choose another image; nothing for one that no variable chooses.
  fileprivate func remedyForChoice(of image: String) -> [Remedy] {
    let names = choosers(of: image)
    guard let last = names.last else { return [] }
    return [
      "Choose another image with \(dioptra: "config", "set", "\(last)=…"); \(names.map(\.rawValue).joined(separator: " and ")) decide\(names.count == 1 ? "s" : "") which"
    ]
  }

  /// How many images are fetched at once.
  var fetchesAtOnce: Int {
    configuration.entry(Configuration.fetchesVariable).flatMap { Int($0.value) } ?? 1
  }
}
