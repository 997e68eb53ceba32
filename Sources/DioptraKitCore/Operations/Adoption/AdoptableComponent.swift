public import DioptraModel
internal import DioptraState

/// A component that the reference template also has.
public protocol AdoptableComponent: Component {
  /// What the component recognises in a folder made by the reference template; see `ReferenceFolder`.
  func findings(in reference: ReferenceFolder) throws -> [AdoptionFinding]
}
