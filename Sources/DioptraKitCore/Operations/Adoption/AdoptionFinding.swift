public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// One thing that a component recognises in a folder that the reference template made.
public enum AdoptionFinding: Equatable, Sendable {
  /// The value that a variable must have for the deployment to stay what it is.
  case variable(VariableName, String)
  /// The value of a secret, and where it stands: `PATH:NAME`. One that stands in several places is found several times;
  /// the values must agree.
  case secret(SecretName, String, at: String)
  /// The deployment needs a secret that stands in none of the places where the template puts it.
  case absent(SecretName, from: [String])
  /// What the template wrote in place of one of its own placeholders, such as `{container_tag}`, where that is another
  /// text than the value that was found.
  case written(String, String)
  /// The component is not part of the deployment.
  case disabled
  /// What a person should know, in a sentence.
  case note(String)
}

/// A place where the reference template writes the value of a secret.
public struct SecretPlace: Equatable, Sendable {
  /// How the value stands there.
  public enum Form: Equatable, Sendable {
    case plain
    /// As the password of a URI, with percent signs for what must not stand in one.
    case uriPassword
    /// After a text that belongs to the deployment.
    case after(String)
  }

  let path: String
  let name: String
  let form: Form

  /// - Parameters:
  ///   - path: A file of lines `NAME=value`, relative to the folder.
  ///   - name: The name of the line.
  public init(_ path: String, _ name: String, _ form: Form = .plain) {
    self.path = path
    self.name = name
    self.form = form
  }

  /// `PATH:NAME`.
  public var description: String { "\(path):\(name)" }
}
