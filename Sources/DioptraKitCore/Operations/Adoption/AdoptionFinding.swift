public import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Something that a component recognises in a folder made by the reference template.
public enum AdoptionFinding: Equatable, Sendable {
  /// The value that a variable must have for the deployment to stay unchanged.
  case variable(VariableName, String)
  /// The value of a secret and its place, `PATH:NAME`. A secret in several places is found several times; the values
  /// must agree.
  case secret(SecretName, String, at: String)
  /// The deployment needs a secret that is missing from every place where the template puts it.
  case absent(SecretName, from: [String])
  /// What the template wrote in place of one of its placeholders, such as `{container_tag}`, if that differs from the
  /// value that was found.
  case written(String, String)
  /// The component is not part of the deployment.
  case disabled
  /// A note for the user, as a sentence.
  case note(String)
}

/// A place where the reference template writes the value of a secret.
package struct SecretPlace: Equatable, Sendable {
  /// The form of the value in that place.
  package enum Form: Equatable, Sendable {
    case plain
    /// As the password of a URI, percent-encoded.
    case uriPassword
    /// After a prefix that belongs to the deployment.
    case after(String)
  }

  let path: String
  let name: String
  let form: Form

  /// - Parameters:
  ///   - path: A file of lines `NAME=value`, relative to the folder.
  ///   - name: The name of the line.
  package init(_ path: String, _ name: String, _ form: Form = .plain) {
    self.path = path
    self.name = name
    self.form = form
  }

  /// `PATH:NAME`.
  package var description: String { "\(path):\(name)" }
}
