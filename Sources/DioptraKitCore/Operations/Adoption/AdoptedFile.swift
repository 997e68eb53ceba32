internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A file of a folder that is adopted: what the template wrote of it, and what the user did.
struct AdoptedFile {
  /// A line of the user's, with its number from 1 on.
  struct Line: Equatable {
    let number: Int
    let text: ArraySlice<UInt8>
  }

  let path: String
  let component: ComponentID
  let bytes: [UInt8]
  let mode: UInt32
  /// What the template wrote of it; nil for a file of the user's own.
  let written: [UInt8]?
  /// The lines that the template did not write.
  let lines: [Line]

  var isOwn: Bool { written == nil }
  var isPristine: Bool { written == bytes }
}
