internal import DioptraModel
internal import DioptraPlatform
public import DioptraRendering
public import DioptraState
public import DioptraSystem

extension Deployment {
  /// The steps that are due according to State alone, without an engine: those that never ran, did not succeed, or have
  /// changed inputs. Images and volumes are assumed to exist.
  ///
  /// - Parameter folderPlan: What will be written before they run; nil for the folder as it is.
  public func recordedPlan(
    in folder: ConfinedFolder, state: State?, after folderPlan: FolderPlan? = nil
  ) throws -> InitPlan {
    let preview = try folderPlan?.preview ?? FolderPreview(folder)
    let versions = try state?.secretVersions() ?? [:]
    let ledger = try state?.stepRecords() ?? [:]
    let inputs = Dictionary(
      uniqueKeysWithValues: try blueprint.steps.map { step in
        (step.id, try StepInputs(of: step.value, in: self, folder: preview, secretVersions: versions))
      })
    let records = ledger.values.sorted { $0.run < $1.run }
    let facts = InitPlan.Facts(
      engine: records.last?.engine ?? "", missingImages: [],
      volumes: records.reduce(into: [:]) { $0.merge($1.volumes) { $1 } },
      demands: try Initialization.demands(on: self, state, folderPlan?.target.migrations ?? []))
    return InitPlan(blueprint.steps, inputs: inputs, ledger: ledger, facts: facts)
  }
}
