/// What the user wrote and a choice overwrote: `.dioptra/kept/GENERATION/PATH`, readable by the owner only.
///
/// It is thrown away when it is both old and not among the newest: nobody is surprised by a file that went too soon.
struct KeptFiles {
  /// So many generations keep their files however old they are.
  static let generations = 10
  /// So many days every file is kept.
  static let days = 90

  static let root = "\(State.folder)/kept"
  let folder: ConfinedFolder

  init(in folder: ConfinedFolder) {
    self.folder = folder
  }

  /// Keeps what stands at a path; it is on the disk when the folder is synced.
  ///
  /// Of a symbolic link its target is kept, in a file with the ending `.link`.
  func keep(_ actual: Reconciler.Actual, of path: String, generation: Int) throws {
    func write(_ bytes: [UInt8], ending: String = "") throws {
      try folder.write(
        "\(Self.root)/\(generation)/\(path)\(ending)", bytes, mode: 0o600, folderMode: 0o700, synced: false)
    }
    switch actual {
    case .file(let bytes, _): try write(bytes)
    case .other(.link): if let target = try folder.linkTarget(path) { try write(Array(target.utf8), ending: ".link") }
    case .absent, .other: break
    }
  }

  /// Throws away what is too old, where that can be done.
  ///
  /// - Returns: Why something could not be thrown away: what the caller did is done all the same.
  func sweep(_ state: State, now: Timestamp) -> DioptraError? {
    do {
      try removeOld(state, now: now)
      return nil
    } catch {
      let cause = (error as? DioptraError)?.problem ?? "\(error)"
      return DioptraError("old kept files stay: \(cause)", remedy: "Remove them by hand; everything else is done")
    }
  }

  /// Throws away what is too old. A generation that State does not know is left alone, and so is any other name.
  func removeOld(_ state: State, now: Timestamp) throws {
    let kept = try folder.names(in: Self.root) ?? []
    let numbers = kept.compactMap { name in Int(name).flatMap { String($0) == name ? $0 : nil } }.sorted(by: >)
    guard numbers.count > Self.generations else { return }
    let limit = Timestamp(seconds: now.seconds - Self.days * 86_400).description
    let moments = try state.generationMoments()
    let known = numbers.filter { moments[$0] != nil }
    for number in known.dropFirst(Self.generations) where moments[number].map({ $0 < limit }) == true {
      try folder.removeTree("\(Self.root)/\(number)")
    }
  }
}
