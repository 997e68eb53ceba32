internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// A file of an adopted folder: the template's lines and the user's edits.
struct AdoptedFile {
  /// A line of the user's, numbered from 1.
  struct Line: Equatable {
    let number: Int
    let text: ArraySlice<UInt8>
  }

  let path: String
  let component: ComponentID
  let bytes: [UInt8]
  let mode: UInt32
  /// The template's version of the file; nil for the user's own file.
  let written: [UInt8]?
  /// The lines that are not the template's.
  let lines: [Line]

  var isOwn: Bool { written == nil }
  var isPristine: Bool { written == bytes }
}
