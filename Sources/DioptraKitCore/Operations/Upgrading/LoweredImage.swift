internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// An image that would be downgraded. Servers may not be able to read newer data.
struct LoweredImage: Hashable {
  /// The last part of the image's name, whatever its registry: `restapi`.
  let name: String
  let before: String
  let after: String

  var text: String { "\(name) would go back from \(before) to \(after)" }

  /// The downgraded images of all services in both versions, each once.
  static func all(from old: [String: String], to new: [String: String]) -> [LoweredImage] {
    let lowered = old.compactMap { service, before in new[service].flatMap { LoweredImage(from: before, to: $0) } }
    return Set(lowered).sorted { ($0.name, $0.before) < ($1.name, $1.before) }
  }

  /// Compares the numbers in two tags; tags without any, such as `latest` or a digest, cannot be compared. nil if not
  /// downgraded.
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
