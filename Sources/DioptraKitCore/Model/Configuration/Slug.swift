internal import DioptraSystem

/// The prefix of everything that a deployment is made of, from the name that a person gave it: lower case, blanks and
/// underscores become hyphens.
public func slug(of name: String) -> String {
  String(name.lowercased().map { $0 == " " || $0 == "_" ? "-" : $0 })
}
