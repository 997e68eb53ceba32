internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// How long overwritten files are kept: they are pruned when they are both old and not among the newest.
extension KeptFiles {
  /// The number of generations and restorations whose files are kept, however old.
  static let generations = 10
  /// The number of days for which every file is kept.
  static let days = 90

  private static let stateBeforeRestoration = "\(State.file.dropFirst(State.folder.count + 1)).before-restore-"

  /// A free place for a State, and its journal, that a restoration replaces.
  func placeOfState(before moment: Timestamp) throws -> String {
    for number in 1...9_999 {
      let ending = number == 1 ? "" : ".\(number)"
      let place = "\(State.folder)/\(Self.stateBeforeRestoration)\(moment.stamp)\(ending)"
      if try folder.entry(place) == nil, try folder.entry("\(place)-journal") == nil { return place }
    }
    throw DioptraError(
      .pathInvalid, "\(State.folder) has no room for one more State", remedy: "Move older ones away from there")
  }

  /// Prunes old kept files, if possible.
  ///
  /// - Returns: Why something could not be pruned; this does not undo the caller's work.
  func sweep(_ state: State, now: Timestamp) -> DioptraError? {
    do {
      try removeOld(state, now: now)
      return nil
    } catch {
      let cause = (error as? DioptraError)?.problem ?? "\(error)"
      return DioptraError(
        (error as? DioptraError)?.code ?? .systemFailed, "old kept files stay: \(cause)",
        remedy: "Remove them by hand; everything else is done")
    }
  }

  /// Prunes old kept files. A generation that State does not know is left alone, and so is any other name.
  func removeOld(_ state: State, now: Timestamp) throws {
    let moments = try state.generationMoments()
    try removeOld(in: Self.root, now) { name in
      let base = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)[0]
      guard base.count == name.count || isNumber(name[base.endIndex...].dropFirst()) else { return nil }
      if isNumber(base) {
        return Int(base).flatMap { number in moments[number].map { Kept(moment: $0, number: number) } }
      }
      return base.hasPrefix("restore-") ? Kept(stamp: base.dropFirst(8)) : nil
    }
    // Left behind by an interrupted backup of an older version; backups no longer write there.
    folder.discardStaged("\(State.folder)/copy.db")
    try removeOld(in: State.folder, now) { name in
      guard name.hasPrefix(Self.stateBeforeRestoration) else { return nil }
      return Kept(stamp: name.dropFirst(Self.stateBeforeRestoration.count).prefix { $0 != "." && $0 != "-" })
    }
  }

  private func isNumber(_ text: Substring) -> Bool { Int(text).map { $0 > 0 && String($0) == text } ?? false }

  /// A group of kept files: those of a generation or of a restoration.
  private struct Kept: Hashable {
    /// RFC 3339, UTC.
    let moment: String
    /// The generation's number; 0 for a restoration.
    let number: Int

    init(moment: String, number: Int) {
      (self.moment, self.number) = (moment, number)
    }

    init?(stamp: Substring) {
      guard let moment = Timestamp(stamp: stamp) else { return nil }
      self.init(moment: moment.description, number: 0)
    }
  }

  /// - Parameter kept: The group of a name; nil for other names.
  private func removeOld(in path: String, _ now: Timestamp, _ kept: (String) -> Kept?) throws {
    let names = try folder.names(in: path) ?? []
    let known = names.compactMap { name in kept(name).map { (name: name, kept: $0) } }
    let limit = Timestamp(seconds: now.seconds - Self.days * 86_400).description
    let newestFirst = Set(known.map(\.kept)).sorted { ($0.moment, $0.number) > ($1.moment, $1.number) }
    let old = newestFirst.dropFirst(Self.generations).filter { $0.moment < limit }
    var failure: DioptraError?
    for (name, kept) in known where old.contains(kept) {
      let place = "\(path)/\(name)"
      do throws(DioptraError) {
        if try folder.entry(place) == .folder { try folder.removeTree(place) } else { try folder.remove(place) }
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }
}

extension Timestamp {
  /// The moment as letters and digits, for names of files.
  var stamp: String { description.filter { $0.isNumber || $0.isLetter } }

  /// Parses a stamp.
  init?(stamp: Substring) {
    let digits = Array(stamp.utf8)
    guard digits.count == 16, digits[8] == UInt8(ascii: "T"), digits[15] == UInt8(ascii: "Z") else { return nil }
    func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
    self.init(
      rfc3339: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z")
  }
}
