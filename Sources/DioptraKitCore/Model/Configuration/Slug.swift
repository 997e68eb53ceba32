internal import DioptraSystem

/// The prefix of the deployment's names, derived from its display name: lower case, with hyphens for spaces and
/// underscores.
public func slug(of name: String) -> String {
  String(name.lowercased().map { $0 == " " || $0 == "_" ? "-" : $0 })
}
