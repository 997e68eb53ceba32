internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// Whether the engine answers, and which one it is.
struct EngineCheck: HostCheck {
  let title = "engine"

  func findings(in scene: HostScene) throws -> [CheckFinding] {
    switch scene.availability {
    case nil: return []
    case .notInstalled(let error)?, .unusable(let error)?: return [.error(error)]
    case .usable(let engine)?: return [.ok("\(engine.summary) answers")]
    }
  }
}

/// Whether the images are there, or at least to be had.
struct ImagesCheck: HostCheck {
  let title = "images"

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

  private func finding(of image: String, _ engine: any Engine) async -> CheckFinding {
    if (try? await engine.canFetch(image)) == true { return .ok("\(image) is to be fetched: `dioptra init` does") }
    return .error(
      "\(image) is not there, and its registry does not have it or does not answer",
      remedy: "Check the name and the network, or bring the image here with \(run: engine.command(.loadImage))")
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
        ? .warning("\(state), and \(wanted) are advised", remedy: "Make space")
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
          remedy: "Install the \(install: "NVIDIA Container Toolkit") and its runtime, or ask for no GPU workers")
    }
  }
}
