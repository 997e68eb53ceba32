internal import DioptraModel
public import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

/// What an engine says about a folder that is adopted. Nothing is stopped or changed by asking.
public struct AdoptionSurvey: Sendable {
  /// For images that would run as something else tomorrow: what they are today.
  var pins: [String: String] = [:]
  /// Values that the data in volumes ask for.
  var values: [VariableName: String] = [:]
  /// The volumes of the deployment that have no label.
  var claims: [State.Claim] = []
  /// What the platform makes of the folder's files, by the services' names; nil where it was not asked.
  var answer: [String: ReferenceService]?
  /// In sentences.
  var notes: [String] = []

  /// Of a host without an engine.
  ///
  /// - Parameter reason: Why no engine was asked, as the end of a sentence; nil to say nothing.
  public init(without reason: String? = nil) {
    guard let reason else { return }
    notes.append(
      "no engine was asked (\(reason)): images with tags that move stay as they are, and volumes are claimed when "
        + "`dioptra adopt` is run again with one")
  }

  /// - Parameter adoption: What the folder's files alone say.
  /// - Throws: `DioptraError` where the volumes are another deployment's, or the engine does not answer.
  public init(of adoption: Adoption, on engine: any Engine) async throws {
    let deployment = adoption.deployment
    let volumes = try await engine.volumes(deployment.lastingVolumes)
    claims = try Self.claims(
      volumes, of: adoption.deployment, isLabelled: adoption.origin == .dioptra, on: engine)
    let users = try await Self.users(of: volumes.keys.sorted(), adoption.folder, engine)
    tellLeftovers(users, adoption.deployment, engine)
    try await pinImages(of: adoption, engine)
    try await readData(of: deployment, engine, adoption)
  }

  /// Asks the platform what the user's override file means, where there is one: it needs no engine for that.
  ///
  /// - Throws: `DioptraError` with what the platform says where it cannot read the files.
  public mutating func ask(_ platform: any Platform, about adoption: Adoption) async throws {
    guard try adoption.folder.entry(ReferenceFolder.overrideFile) != nil else { return }
    answer = try await platform.project(adopting: adoption.deployment, in: adoption.folder.path)?.services
      .mapValues(ReferenceService.init)
  }

  /// Looks for the engine of a folder that is adopted, wherever the folder says that it stands.
  public static func engine(for adoption: Adoption, on platform: any Platform) async throws -> Availability {
    try await platform.engine(for: adoption.deployment, called: .from(folder: adoption.folder.path))
  }

  /// The claims that a deployment makes which was adopted without an engine.
  ///
  /// - Throws: `DioptraError` where the volumes are another deployment's, or the engine does not answer.
  public static func claim(
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
  /// - Throws: `DioptraError` where another folder's are among them: two folders with one prefix.
  private static func users(
    of volumes: [String], _ folder: ConfinedFolder, _ engine: any Engine
  ) async throws -> [ContainerFacts] {
    guard !volumes.isEmpty else { return [] }
    let users = try await engine.containers(.onVolumes(volumes), running: false)
    for user in users {
      guard let home = user.home, !DeploymentFolder.isSame(home, folder.path) else { continue }
      throw DioptraError(
        .ownerOther, "the container \(user.names) of the folder \(home) uses the same volumes as \(folder.path)",
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
      "services of an initialisation that failed are running, and would come back with the host: "
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
        container.image == image && container.home.map { DeploymentFolder.isSame($0, adoption.folder.path) } == true
      }
      if let pin = try await engine.lastingName(of: image, in: user?.id) {
        pins[image] = pin
        notes.append("\(image) is \(pin) here, and stays that")
      } else {
        notes.append("\(image) stays as it is: the engine does not know what it is called otherwise")
      }
    }
  }

  // MARK: Data

  /// Data that the image of the Compose file cannot use are kept: the image follows them.
  private mutating func readData(
    of deployment: Deployment, _ engine: any Engine, _ adoption: Adoption
  ) async throws {
    for format in deployment.blueprint.dataFormats.map(\.value) {
      guard let found = try await engine.dataFormat(format, of: deployment) else { continue }
      let expected = try deployment.words([format.expected])[0]
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
      notes.append("the data are of \(format.program) \(found), so that is what the deployment gets, not \(expected)")
    }
  }
}
