internal import DioptraModel
internal import DioptraRendering
internal import DioptraSystem

/// The deployment's `.env`.
struct SettingsDocument {
  let scene: ComposeScene
  /// The component that owns the file.
  let owner: ComponentID

  func text() throws -> Text {
    try scene.blueprint.settings.reduce(into: Text("")) { text, setting in
      let line: Text = "\(setting.name)=\(try scene.resolved(setting.value.value).spelled)\n"
      text += line.of(setting.owner == owner ? nil : setting.owner)
    }
  }
}
