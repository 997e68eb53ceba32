internal import DioptraModel
internal import DioptraSystem

/// What several operations say in the same words.
extension DioptraError {
  static func unfinishedInit(in folder: String) -> DioptraError {
    DioptraError(
      .commandUnfinished, "the first `dioptra init` in \(folder) was interrupted",
      remedy: "Run \(dioptra: "init") to complete it")
  }

  static func occupied(_ folder: String) -> DioptraError {
    DioptraError(
      .folderOccupied, "\(folder) is not empty and not a deployment",
      remedy: "Give an empty folder, or one that does not exist yet")
  }

  /// - Parameters:
  ///   - what: Goes on before the size, such as `the volumes to copy take`.
  ///   - free: In bytes, like the size needed.
  static func lacksSpace(at place: String, free: some BinaryInteger, _ what: String, _ needed: Int) -> DioptraError {
    DioptraError(
      .spaceInsufficient, "\(place) has \(ByteCount.text(Int(free))) free, and \(what) \(ByteCount.text(needed))",
      remedy: "Make room there")
  }
}

extension Remedy {
  static let firstInit: Remedy = "Run \(dioptra: "init"), which makes the first"
  static let start: Remedy = "Start the deployment with \(dioptra: "start"), then try again"
  static let checkEngine: Remedy = "Check that the container engine works"
}
