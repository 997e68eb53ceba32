/// What the user wrote and a choice overwrote: `.dioptra/kept/GENERATION/PATH`, readable by the owner only.
///
/// It is thrown away when it is both old and not among the newest: nobody is surprised by a file that went too soon.
struct KeptFiles {
  /// So many generations keep their files however old they are.
  static let generations = 10
  /// So many days every file is kept.
  static let days = 90

  private static let root = "\(State.folder)/kept"
  private let folder: ConfinedFolder

  init(in folder: ConfinedFolder) {
    self.folder = folder
  }

  func keep(_ bytes: [UInt8], of path: String, generation: Int) throws {
    try folder.write("\(Self.root)/\(generation)/\(path)", bytes, mode: 0o600, folderMode: 0o700)
  }

  /// Throws away what is too old. A generation that State does not know is left alone, and so is any other name.
  func removeOld(_ state: State, now: Timestamp) throws {
    let kept = try folder.names(in: Self.root) ?? []
    let numbers = kept.compactMap { name in Int(name).flatMap { String($0) == name ? $0 : nil } }.sorted(by: >)
    guard numbers.count > Self.generations else { return }
    let limit = Timestamp(seconds: now.seconds - Self.days * 86_400)
    let old = try state.generations(before: limit)
    for number in numbers.dropFirst(Self.generations) where old.contains(number) {
      try folder.removeTree("\(Self.root)/\(number)")
    }
  }
}
