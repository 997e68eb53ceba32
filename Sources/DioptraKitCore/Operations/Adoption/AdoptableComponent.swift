public import DioptraModel
internal import DioptraState

/// A component that the reference template has too.
public protocol AdoptableComponent: Component {
  /// What the component recognises in a folder that the reference template made; see `ReferenceFolder`.
  func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding]
}
