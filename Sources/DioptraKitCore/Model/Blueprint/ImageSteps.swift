internal import DioptraSystem

/// Steps that fetch images: one for each, whoever uses it.
///
/// No component contributes them. They follow from the services, and a step that runs in a service comes after the one
/// that fetches the service's image.
struct ImageSteps {
  /// In the order in which services first use the images.
  private(set) var steps: [Owned<Step>] = []
  private var byImage: [String: StepID] = [:]
  private var byService: [ServiceName: StepID] = [:]

  /// - Parameters:
  ///   - services: Those of the running deployment.
  ///   - initServices: Those that steps run in.
  init(services: [Owned<Service>], initServices: [Owned<Service>]) {
    for service in services + initServices { add(service.image, of: service.owner) }
    for service in initServices {
      byService[service.name] = service.image.characters.flatMap { byImage[$0] }
    }
  }

  private mutating func add(_ image: Text, of owner: ComponentID) {
    guard let name = image.characters, byImage[name] == nil else { return }
    let id = freeID(for: name)
    byImage[name] = id
    let choices = image.segments.compactMap { segment -> Step.Input? in
      if case .variable(let name, _) = segment.content { .variable(name) } else { nil }
    }
    steps.append(
      Owned(
        owner: owner,
        value: Step(
          id, "Fetch \(id.rawValue.dropFirst(Self.prefix.count))", action: .fetch(image), inputs: choices,
          deadline: Self.deadline)))
  }

  /// The last part of an image's name, without tag and digest; numbered where several images share it.
  private func freeID(for image: String) -> StepID {
    let last = image.split(separator: "/").last ?? ""
    let name = last.prefix { $0 != ":" && $0 != "@" }
    let taken = Set(byImage.values)
    let ids = (1...).lazy.map { StepID("\(Self.prefix)\(name)\($0 == 1 ? "" : "-\($0)")") }
    return ids.first { !taken.contains($0) } ?? StepID(Self.prefix)
  }

  /// The steps of all images, and the given ones with what they have to wait for.
  func completing(_ others: [Owned<Step>]) -> [Owned<Step>] {
    steps
      + others.map { step in
        guard let image = step.action.service.flatMap({ byService[$0] }), !step.requires.contains(image) else {
          return step
        }
        var value = step.value
        value.requires.insert(image, at: 0)
        return Owned(owner: step.owner, value: value)
      }
  }

  private static let prefix = "image."

  /// Seconds for the standalone script, which cannot see whether bytes come.
  private static let deadline = 3600
}
