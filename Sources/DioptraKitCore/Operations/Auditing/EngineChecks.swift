internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem
internal import FoundationEssentials

/// Whether the engine answers, and which one it is.
struct EngineCheck: HostCheck {
  let title = "engine"

  func findings(in host: HostContext) throws -> [CheckFinding] {
    switch host.availability {
    case nil: return []
    case .notInstalled(let error)?, .unusable(let error)?: return [.error(error)]
    case .usable(let engine)?: return [.ok("\(engine.summary) answers")]
    }
  }
}

/// Whether the images are present or can be pulled.
struct ImagesCheck: HostCheck {
  let title = "images"

  func findings(in host: HostContext) async throws -> [CheckFinding] {
    guard let engine = host.engine else { return [] }
    let images = try host.deployment.images()
    let missing = try await engine.missing(images)
    guard !missing.isEmpty else { return [.ok("all \(images.count) are present")] }
    return await withTaskGroup(of: CheckFinding.self) { group in
      for image in missing { group.addTask { await finding(of: image, engine) } }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.state < $1.state }
    }
  }

  private func finding(of image: String, _ engine: any Engine) async -> CheckFinding {
    if (try? await engine.canFetch(image)) == true { return .ok("\(image) is missing; `dioptra init` will pull it") }
    return .error(
      "\(image) is missing, and its registry does not have it or does not answer",
      remedy: "Check the name and the network, or load the image with \(run: engine.command(.loadImage))")
  }
}

/// Whether there is enough space for images and data.
struct DiskCheck: HostCheck {
  let title = "disk"
  private static let needed = 2
  private static let neededForImages = 25

  func findings(in host: HostContext) async throws -> [CheckFinding] {
    let isFetching =
      if let engine = host.engine { try await !engine.missing(host.deployment.images()).isEmpty } else { false }
    let places = [host.folder.path] + (host.engine?.dataFolder.map { [$0] } ?? [])
    let command = host.engine?.command(.showSpace)
    return places.compactMap { place in
      guard let free = FileSystemSpace.free(at: place).map({ $0 >> 30 }) else { return nil }
      let wanted = isFetching && place != host.folder.path ? Self.neededForImages : Self.needed
      let state = "\(free) GiB free in \(place)"
      if free < 1 { return .error(state, remedy: "Free some space, or move it to a larger disk") }
      return free < wanted
        ? .warning("\(state), and at least \(wanted) is recommended", remedy: Self.remedy(command))
        : .ok(state)
    }
  }

  /// - Parameter command: Shows what takes the engine's space.
  private static func remedy(_ command: [String]?) -> Remedy {
    guard let command else { return "Free some space" }
    return "Free some space; \(run: command) shows what takes it"
  }
}

/// Whether the required runtimes, such as those for GPUs, are available.
struct RuntimesCheck: HostCheck {
  let title = "runtimes"

  func findings(in host: HostContext) async throws -> [CheckFinding] {
    let accelerators = host.blueprint.services.compactMap(\.value.accelerator)
    guard let engine = host.engine, !accelerators.isEmpty else { return [] }
    return Set(accelerators.map(\.kind)).sorted().map { runtime in
      let count = accelerators.filter { $0.kind == runtime }.count
      return engine.runtimes.contains(runtime)
        ? .ok("the runtime \(runtime) is available for \(count) \(count == 1 ? "worker" : "workers")")
        : .error(
          "\(count) \(count == 1 ? "service asks" : "services ask") for the runtime \(runtime), which the engine does not have",
          remedy:
            "Install the \(install: "NVIDIA Container Toolkit") and its runtime, or set the numbers of GPU workers to 0"
        )
    }
  }
}
