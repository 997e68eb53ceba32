internal import DioptraModel
package import DioptraPlatform
internal import DioptraRendering
package import DioptraState
package import DioptraSystem

/// Moves a deployment's data to volumes with other names: copied, compared byte by byte, and only then removed.
package struct VolumeMove {
  let renaming: Renaming
  let engine: any Engine
  private let folder: ConfinedFolder
  private let state: State

  package init(_ renaming: Renaming, in folder: ConfinedFolder, _ state: State, on engine: any Engine) {
    self.renaming = renaming
    self.folder = folder
    self.state = state
    self.engine = engine
  }

  /// Refuses a move that would damage data, before anything is changed.
  ///
  /// - Throws: `Refusal`.
  package func check() async throws {
    let old = try state.guards(for: renaming.before, in: folder, on: engine)
    try await old.refusing {
      try old.checkOwners(of: try await old.volumes())
      try await old.checkForeignContainers(on: renaming.before.lastingVolumes)
    }
    let new = try state.guards(
      for: renaming.deployment, in: folder, on: engine.working(in: renaming.to))
    try await new.refusing {
      try await new.checkProject()
      try await checkPlaces(try await new.volumes())
      try await checkSpace()
    }
  }

  /// New volumes exist only after an interrupted move.
  private func checkPlaces(_ found: [String: VolumeFacts]) async throws {
    guard try state.unfinishedRenaming() == nil, let volume = found.keys.sorted().first else { return }
    throw DioptraError(
      .volumeUnsuitable, "there is a volume \(volume) already, and the data would be mixed",
      remedy: "Give another prefix",
      "If its data are no longer needed, remove it with \(run: engine.command(.removeVolume(volume)))")
  }

  private func checkSpace() async throws {
    guard let needed = try await engine.volumeBytes(of: renaming.before), let place = engine.dataFolder,
      let free = FileSystemSpace.free(at: place), free < UInt64(needed)
    else { return }
    throw DioptraError.lacksSpace(at: place, free: free, "the volumes to copy take", needed)
  }

  /// Copies every volume with data and compares the copies. The holder of the lock calls this while nothing is running.
  ///
  /// - Parameter watch: Called for each completed volume.
  package func copy(watch: (String) -> Void) async throws {
    let existing = try await engine.volumes(renaming.volumes.flatMap { [$0.old, $0.new] })
    let sources = renaming.volumes.filter { existing[$0.old] != nil }
    guard !sources.isEmpty else { return }
    try state.beginRenaming(from: renaming.from, to: renaming.to, now: .now)
    for (old, new) in sources {
      // The content left by an interrupted move is unknown.
      if existing[new] != nil { try await engine.removeVolumes([new]) }
      try await makeVolume(new)
      try await copy(old, to: new)
      watch("\(old) to \(new), compared")
    }
  }

  private func makeVolume(_ name: String) async throws {
    let key = VolumeName(String(name.dropFirst(renaming.to.count + 1)))
    try await engine.makeVolume(key, of: renaming.deployment, in: renaming.to)
  }

  /// Everything in a volume, with owners, modes, links and times; digests of both sides are compared.
  private static let script = """
    set -euo pipefail
    find /to -mindepth 1 -delete
    tar --numeric-owner --sparse -C /from -cf - . | tar --numeric-owner -C /to -xpf -
    account() {
      cd "$1"
      {
        find . -printf '%y %m %U %G %p %l\\n'
        find . -type f -exec sha256sum {} +
      } | LC_ALL=C sort | sha256sum
    }
    [[ $(account /from) == "$(account /to)" ]]
    sync
    """

  private func copy(_ old: String, to new: String) async throws {
    let sandbox = try renaming.before.sandbox(
      seeing: [VolumeMount(old, at: "/from"), VolumeMount(new, at: "/to", isReadOnly: false)])
    let outcome = try await engine.run(Program(["bash", "-c", Self.script], in: .alone(sandbox)), within: nil)
    guard outcome.succeeded else {
      throw DioptraError(
        .engineFailed, "the volume \(old) cannot be copied to \(new): \(outcome.errors.lastLine)",
        remedy: "Fix the cause, then run \(dioptra: "rename", renaming.to) again; the data are still in \(old)")
    }
  }

  /// Removes the old volumes, whose data have been copied, and the networks.
  package func removeOld() async throws {
    let names = renaming.before.blueprint.volumes.map { renaming.before.volumeName($0.name) }
    try await engine.removeVolumes(try await engine.volumes(names).keys.sorted())
    let networks = renaming.before.blueprint.networks.map { renaming.before.networkName($0.value) }
    for network in networks where try await engine.networks().contains(network) {
      try await engine.removeNetwork(network)
    }
  }
}
