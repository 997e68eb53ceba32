internal import DioptraModel
internal import DioptraPlatforms
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// Whether the Docker engine answers, and with which Compose.
struct EngineCheck: HostCheck {
  let title = "engine"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    switch scene.availability {
    case nil: return []
    case .notInstalled?:
      return [
        .error("Docker is not installed", remedy: "Install it: https://docs.docker.com/engine/install/")
      ]
    case .unusable(let error)?: return [.error(error.problem, remedy: error.remedy)]
    case .usable(let engine)?: return [.ok("Docker \(engine.version) with Compose \(engine.composeVersion) answers")]
    }
  }
}

/// Whether the images are there, or at least to be had.
struct ImagesCheck: HostCheck {
  let title = "images"
  /// Seconds that a registry has to answer.
  private static let patience = 20

  func findings(in scene: HostScene) async throws -> [CheckFinding] {
    guard let engine = scene.engine else { return [] }
    let images = try scene.deployment.images()
    let missing = try await engine.missing(images)
    guard !missing.isEmpty else { return [.ok("all \(images.count) are there")] }
    return await withTaskGroup(of: CheckFinding.self) { group in
      for image in missing { group.addTask { await finding(of: image, engine) } }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.state < $1.state }
    }
  }

  private func finding(of image: String, _ engine: DockerEngine) async -> CheckFinding {
    let answer = try? await engine.docker(["manifest", "inspect", image]).outcome(within: Self.patience)
    if answer?.succeeded == true { return .ok("\(image) is to be fetched: `dioptra init` does") }
    return .error(
      "\(image) is not there, and its registry does not have it or does not answer",
      remedy: "Check the name and the network, or bring the image here with docker load")
  }
}

/// Whether there is space for images and data.
struct DiskCheck: HostCheck {
  let title = "disk"
  private static let needed = 2
  private static let neededForImages = 25

  func findings(in scene: HostScene) async throws -> [CheckFinding] {
    let isFetching =
      if let engine = scene.engine { try await !engine.missing(scene.deployment.images()).isEmpty } else { false }
    let places = [scene.folder.path] + (scene.engine?.dataFolder.map { [$0] } ?? [])
    return places.compactMap { place in
      guard let free = FileSystemSpace.free(at: place).map({ $0 >> 30 }) else { return nil }
      let wanted = isFetching && place != scene.folder.path ? Self.neededForImages : Self.needed
      let state = "\(free) GiB are free below \(place)"
      if free < 1 { return .error(state, remedy: "Make space, or move it to a larger disk") }
      return free < wanted
        ? .warning("\(state), and \(wanted) are advised", remedy: "Make space: docker system df shows what is used")
        : .ok(state)
    }
  }
}

/// Whether the runtimes that services ask for, such as the one for graphics processors, are there.
struct RuntimesCheck: HostCheck {
  let title = "runtimes"

  func findings(in scene: HostScene) async throws -> [CheckFinding] {
    let gpus = scene.blueprint.services.compactMap(\.value.gpu)
    guard let engine = scene.engine, !gpus.isEmpty else { return [] }
    return Set(gpus.map(\.runtime)).sorted().map { runtime in
      let count = gpus.filter { $0.runtime == runtime }.count
      return engine.runtimes.contains(runtime)
        ? .ok("the runtime \(runtime) is there for \(count) \(count == 1 ? "worker" : "workers")")
        : .error(
          "\(count) \(count == 1 ? "service asks" : "services ask") for the runtime \(runtime), which the engine does not have",
          remedy: "Install the NVIDIA Container Toolkit and its runtime, or ask for no GPU workers")
    }
  }
}
