extension FolderUpdate {
  /// Whether a file holds marker lines that dioptra wrote and the user has not resolved yet.
  func hasMarkers(_ decision: Reconciler.Decision) -> Bool {
    guard let sides = sides[decision.path], decision.outcome != .delete else { return false }
    var text: [UInt8] = []
    if let write = decision.write {
      text = Array(write.text.characters.utf8)
    } else if case .file(let bytes, _) = sides.actual {
      text = bytes
    }
    // A line that looks like a marker and was rendered is none.
    return ConflictMarkers.stand(in: text)
      && !ConflictMarkers.stand(in: Array((sides.desired?.text.characters ?? "").utf8))
  }
}

/// The lines around the two versions of a conflict.
enum ConflictMarkers {
  static let ours = "yours"
  static let theirs = "dioptra"

  /// Whether the first or the last marker of a conflict is a line of the text. The one between them alone would be an
  /// underline to others.
  static func stand(in text: [UInt8]) -> Bool {
    let markers = [Array("<<<<<<< \(ours)".utf8), Array(">>>>>>> \(theirs)".utf8)]
    return text.withUnsafeBufferPointer { bytes in
      bytes.split(separator: UInt8(ascii: "\n")).contains { line in
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return markers.contains { line.elementsEqual($0) }
      }
    }
  }
}
