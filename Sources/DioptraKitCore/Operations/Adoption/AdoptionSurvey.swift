internal import DioptraModel
package import DioptraPlatform
package import DioptraRendering
package import DioptraState
package import DioptraSystem

/// What an engine reports about a folder that is to be adopted. Read-only.
package struct AdoptionSurvey: Sendable {
  /// For images under moving tags: the image that they refer to now.
  var pins: [String: String] = [:]
  /// Values required by the data in volumes.
  var values: [VariableName: String] = [:]
  /// The deployment's volumes without a label.
  var claims: [State.Claim] = []
  /// How the platform reads the folder's files, by service; nil if it was not asked.
  var answer: [String: ReferenceService]?
  /// Notes, as sentences.
  var notes: [String] = []

  /// For a host without an engine.
  ///
  /// - Parameter reason: Why no engine was asked, as the end of a sentence; nil for no note.
  package init(without reason: String? = nil) {
    guard let reason else { return }
    notes.append(
      "no engine was available (\(reason)): images with moving tags are not pinned, and volumes are not claimed until "
        + "`dioptra adopt` runs again with one")
  }

  /// - Parameter adoption: What the folder's files alone show.
  /// - Throws: `DioptraError` if the volumes belong to another deployment, or the engine does not answer.
  package init(of adoption: Adoption, on engine: any Engine) async throws {
    let deployment = adoption.deployment
    let volumes = try await engine.volumes(deployment.lastingVolumes)
    claims = try Self.claims(
      volumes, of: adoption.deployment, isLabelled: adoption.origin == .dioptra, on: engine)
    let users = try await Self.users(of: volumes.keys.sorted(), adoption.folder, engine)
    tellLeftovers(users, adoption.deployment, engine)
    try await pinImages(of: adoption, engine)
    try await readData(of: deployment, engine, adoption)
  }

  /// Asks the platform what the user's own file means, where there is one: it needs no engine for that.
  ///
  /// - Throws: `DioptraError` with the platform's message if it cannot read the files.
  package mutating func ask(_ platform: any Platform, about adoption: Adoption) async throws {
    guard try adoption.folder.entry(platform.dialect.words.ownFile) != nil else { return }
    answer = try await platform.project(adopting: adoption.deployment, in: adoption.folder.path)?.services
      .mapValues(ReferenceService.init)
  }

  /// Looks for the engine of a folder that is to be adopted, whatever path the folder names.
  package static func engine(for adoption: Adoption, on platform: any Platform) async throws -> Availability {
    try await platform.engine(for: adoption.deployment, called: .from(folder: adoption.folder.path))
  }

  /// The claims of a deployment that was adopted without an engine.
  ///
  /// - Throws: `DioptraError` if the volumes belong to another deployment, or the engine does not answer.
  package static func claim(
    for deployment: Deployment, in folder: ConfinedFolder, _ state: State, on engine: any Engine,
    run: @autoclosure () throws -> Int, now: Timestamp
  ) async throws -> [String] {
    guard try state.wasAdopted, try state.claims(on: engine.id).isEmpty else { return [] }
    let volumes = try await engine.volumes(deployment.lastingVolumes)
    let claims = try claims(volumes, of: deployment, isLabelled: true, on: engine)
    guard !claims.isEmpty else { return [] }
    _ = try await users(of: volumes.keys.sorted(), folder, engine)
    try state.claim(claims, run: run(), now: now)
    return claims.map(\.volume)
  }

  /// - Parameter isLabelled: Whether volumes may have the deployment's own label.
  private static func claims(
    _ volumes: [String: VolumeFacts], of deployment: Deployment, isLabelled: Bool,
    on engine: any Engine
  ) throws -> [State.Claim] {
    let identity = deployment.context.identity.deployment
    return try volumes.values.sorted { $0.name < $1.name }.compactMap { volume in
      guard let owner = volume.owner else {
        return State.Claim(
          engine: engine.id, volume: volume.name, createdAt: engine.tellsCreation ? volume.createdAt : nil)
      }
      if isLabelled, owner == identity { return nil }
      throw DioptraError(
        .ownerOther, "the volume \(volume.name) belongs to the deployment \(owner), and not to this folder",
        remedy: "See with \(run: engine.command(.showContainers(onVolume: volume.name))) where that deployment is")
    }
  }

  /// The containers on the volumes.
  ///
  /// - Throws: `DioptraError` if another folder's are among them, which means two folders with one prefix.
  private static func users(
    of volumes: [String], _ folder: ConfinedFolder, _ engine: any Engine
  ) async throws -> [ContainerFacts] {
    guard !volumes.isEmpty else { return [] }
    let users = try await engine.containers(.onVolumes(volumes), running: false)
    for user in users {
      guard let workingDirectory = user.workingDirectory, !DeploymentFolder.isSame(workingDirectory, folder.path) else {
        continue
      }
      throw DioptraError(
        .ownerOther,
        "the container \(user.names) of the folder \(workingDirectory) uses the same volumes as \(folder.path)",
        remedy: "Adopt that folder",
        "If this is the one that counts, such as after it was moved here, remove the containers of the other: "
          + "\(run: engine.command(.removeContainer(user.names)))")
    }
    return users
  }

  private mutating func tellLeftovers(
    _ users: [ContainerFacts], _ deployment: Deployment, _ engine: any Engine
  ) {
    let temporary = deployment.blueprint.initServices.map(\.name.rawValue)
    let left = users.filter { $0.isRunning && temporary.contains($0.service ?? "") }
    guard !left.isEmpty else { return }
    notes.append(
      "services of a failed initialisation are running, and would restart with the host: "
        + "\(left.map(\.names).sorted().joined(separator: ", ")); remove them with "
        + Remedy([.command(engine.command(.removeInitServices))]).text)
  }

  // MARK: Images

  private mutating func pinImages(of adoption: Adoption, _ engine: any Engine) async throws {
    let moving = Set(adoption.values.variables.values.filter { $0.hasSuffix(":latest") }).sorted()
    guard !moving.isEmpty else { return }
    let containers = try await engine.containers(.ofServices, running: false)
    for image in moving {
      let user = containers.first { container in
        container.image == image
          && container.workingDirectory.map { DeploymentFolder.isSame($0, adoption.folder.path) } == true
      }
      if let pin = try await engine.lastingName(of: image, in: user?.id) {
        pins[image] = pin
        notes.append("\(image) is \(pin) here, and is pinned to that")
      } else {
        notes.append("\(image) is not pinned: the engine knows no other name for it")
      }
    }
  }

  // MARK: Data

  /// Data that the image of the folder's files cannot use are kept: the image follows them.
  private mutating func readData(
    of deployment: Deployment, _ engine: any Engine, _ adoption: Adoption
  ) async throws {
    for format in deployment.blueprint.dataFormats.map(\.value) {
      guard let found = try await engine.dataFormat(format, of: deployment) else { continue }
      let expected = try deployment.plainTexts([format.expected])[0]
      guard found != expected else { continue }
      let name = format.variable
      guard let variable = deployment.configuration.variables.first(where: { $0.name == name }) else { continue }
      do throws(DioptraError) {
        values[name] = try variable.accept(found)
      } catch {
        throw DioptraError(
          .dataIncompatible,
          "the data in the volume \(deployment.volumeName(format.volume)) are of \(format.program) \(found): "
            + error.problem, remedies: error.remedies)
      }
      notes.append("the data are of \(format.program) \(found), so the deployment uses that version, not \(expected)")
    }
  }
}
