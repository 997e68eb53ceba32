internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

extension FolderPlan {
  /// Whether a file contains conflict markers that dioptra wrote and the user has not resolved yet.
  func hasMarkers(_ decision: Reconciler.Decision) -> Bool {
    guard let sides = sides[decision.path], decision.action != .delete else { return false }
    var text: [UInt8] = []
    if let write = decision.write {
      text = Array(write.text.characters.utf8)
    } else if case .file(let bytes, _) = sides.actual {
      text = bytes
    }
    // A rendered line that looks like a marker is not one.
    return ConflictMarkers.stand(in: text)
      && !ConflictMarkers.stand(in: Array((sides.desired?.text.characters ?? "").utf8))
  }

  /// Applies the user's choice to a file with conflict markers.
  func resolveMarkers(
    _ decision: inout Reconciler.Decision, _ sides: Reconciler.Sides, _ resolution: Resolution
  ) throws {
    guard case .file(let bytes, let mode) = sides.actual, let desired = sides.desired else { return }
    let version: FileVersion
    switch resolution {
    case .choice(.stop), .choice(.markers): return
    case .choice(.theirs): version = desired
    case .choice(.ours):
      version = FileVersion(text: StoredText(ConflictMarkers.ours(of: bytes), secrets: secrets), mode: mode)
    case .content(let bytes): version = FileVersion(text: StoredText(bytes, secrets: secrets), mode: mode)
    }
    decision.take(version)
  }

  /// Whether a file is exactly what dioptra wrote with conflict markers.
  func isUntouched(_ sides: Reconciler.Sides) throws -> Bool {
    guard case .file(let bytes, _) = sides.actual, ConflictMarkers.stand(in: bytes) else { return false }
    return try bytes == sides.recorded?.text.bytes(secrets: secrets)
  }
}

extension Reconciler.Decision {
  /// Replaces the file with the chosen version.
  mutating func take(_ version: FileVersion) {
    action = .update
    write = version
    recorded = version
    reason = nil
    isUndecided = false
  }
}

/// The marker lines around the two versions of a conflict.
enum ConflictMarkers {
  static let ours = "yours"
  static let theirs = "dioptra"

  /// Whether the text contains the first or last marker of a conflict. The one in the middle alone could be an
  /// underline.
  static func stand(in text: [UInt8]) -> Bool {
    let markers = [Array("<<<<<<< \(ours)".utf8), Array(">>>>>>> \(theirs)".utf8)]
    return text.withUnsafeBufferPointer { bytes in
      bytes.split(separator: UInt8(ascii: "\n")).contains { line in
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return markers.contains { line.elementsEqual($0) }
      }
    }
  }

  /// The text with the user's version of each conflict.
  static func ours(of text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var side: String?
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init) {
      let word = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...], as: UTF8.self)
      switch (word, side) {
      case ("<<<<<<< \(ours)", _): side = ours
      case ("=======", ours?): side = theirs
      case (">>>>>>> \(theirs)", _): side = nil
      case _ where side != theirs: result += line + [UInt8(ascii: "\n")]
      default: break
      }
    }
    // What follows the last line feed is not a line.
    return text.isEmpty ? [] : result.dropLast()
  }
}
