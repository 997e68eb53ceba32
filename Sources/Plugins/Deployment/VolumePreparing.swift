import DioptraKitCore

/// The container that fills the volumes, its script and its step; nothing if there is no volume to fill.
struct VolumePreparing {
  static let step: StepID = "volumes.prepare"

  let contributions: [Contribution]
  var steps: [StepID] { contributions.isEmpty ? [] : [Self.step] }

  /// - Throws: `DioptraError` if there is no suitable image.
  init(_ blueprint: Blueprint, in context: Context) throws {
    let script = VolumeScript(preparations: blueprint.volumePreparations.map(\.value))
    guard let first = blueprint.volumePreparations.first else {
      contributions = []
      return
    }
    guard let image = blueprint.toolImages.first?.image else {
      throw DioptraError(
        .componentInvalid,
        "component '\(first.owner)' has files for the volume '\(first.volume)', and no component contributes an image with "
          + "tools to put them there", remedy: "Register one that does, such as nginx")
    }
    let trustStores = blueprint.trustStores.filter { script.readVolumes.contains($0.bundle) }
    let flags = try script.conditions.filter(context.isOn).map { Text("--\(VolumeScript.flag($0))") }
    contributions = [
      .initService(
        Service(
          "named-volumes", "Fills the volumes.", image: image, user: "root",
          entrypoint: ["/bin/bash"],
          mounts: ["config", "secrets", "ssl", ContainerScript.folder].map { .folder($0, at: "/\($0)") }
            + script.volumes.map { .volume($0, at: "/volumes/\($0)") },
          connection: .none)),
      .script(script.script(body: Templates.initNamedVolumesSh)),
      .step(
        Step(
          Self.step, "Fill the volumes",
          requires: Set(trustStores.map { StepID("trust.\($0.name)") }).sorted(),
          action: .run("named-volumes", ["/scripts/init-named-volumes.sh"] + flags),
          inputs: script.inputs, deadline: 120)),
    ]
  }
}
