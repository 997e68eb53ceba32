internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// An image that would run in an older version than before. Servers do not read what newer ones wrote.
struct LoweredImage: Hashable {
  /// The last word of the image's name, whatever registry it comes from: `restapi`.
  let name: String
  let before: String
  let after: String

  var text: String { "\(name) would go back from \(before) to \(after)" }

  /// Those of all services that are in both, each image once.
  static func all(from old: [String: String], to new: [String: String]) -> [LoweredImage] {
    let lowered = old.compactMap { service, before in new[service].flatMap { LoweredImage(from: before, to: $0) } }
    return Set(lowered).sorted { ($0.name, $0.before) < ($1.name, $1.before) }
  }

  /// Told by the numbers in two tags; what has none, such as `latest` or a digest, tells nothing. nil for no step back.
  init?(from before: String, to after: String) {
    guard let old = Self.parts(of: before), let new = Self.parts(of: after), old.name == new.name,
      let (oldNumber, newNumber) = zip(Self.numbers(in: old.tag), Self.numbers(in: new.tag)).first(where: !=),
      newNumber < oldNumber
    else { return nil }
    name = String(new.name)
    self.before = String(old.tag)
    self.after = String(new.tag)
  }

  private static func parts(of image: String) -> (name: Substring, tag: Substring)? {
    guard !image.contains("@") else { return nil }
    let last = image.split(separator: "/").last ?? ""
    guard let colon = last.firstIndex(of: ":") else { return nil }
    return (last[..<colon], last[last.index(after: colon)...])
  }

  private static func numbers(in tag: Substring) -> [Int] {
    tag.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
  }
}
