/// One thing that a component recognises in a folder that the reference template made.
public enum AdoptionFinding: Equatable, Sendable {
  /// The value that a variable must have for the deployment to stay what it is.
  case variable(VariableName, String)
  /// The value of a secret, and where it stands: a path and a name in it. One that stands in several places is found
  /// several times; the values must agree.
  case secret(SecretName, String, at: String)
  /// The component is not part of the deployment.
  case disabled
  /// What a person should know, in a sentence.
  case note(String)
}
