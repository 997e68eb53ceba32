public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A component that the reference template has too.
public protocol AdoptableComponent: Component {
  /// What the component recognises in a folder that the reference template made; see `ReferenceFolder`.
  func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding]
}
