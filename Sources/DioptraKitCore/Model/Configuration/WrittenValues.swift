internal import DioptraSystem

/// A YAML file of names and values that people write, as errors speak of it.
struct WrittenValues: Sendable {
  /// The file's name in errors.
  let name: String

  /// Every value is text until its variable accepts it.
  ///
  /// - Returns: nil for a file without any content.
  /// - Throws: `DioptraError` with line and column of what cannot be understood.
  func tree(of text: String) throws(DioptraError) -> YAMLValue? {
    do {
      return try YAMLText.tree(of: text, allowsAliases: false)
    } catch {
      throw fault("\(error.place(in: name)): \(error.problem)")
    }
  }

  /// An error about what is at a place.
  func fault(at place: TextPlace, _ problem: String) -> DioptraError {
    fault("\(name):\(place): \(problem)")
  }

  private func fault(_ problem: String) -> DioptraError {
    DioptraError(.configurationInvalid, problem, remedy: "Correct that line of \(edit: name)")
  }

  /// The errors in the order of the file, each with the line and the column of what it is about, if they are known.
  func placed(_ faults: [(place: TextPlace?, error: DioptraError)]) -> [DioptraError] {
    let first = TextPlace(line: 1, column: 1)
    return faults.sorted { ($0.place ?? first, $0.error.problem) < ($1.place ?? first, $1.error.problem) }
      .map { place, error in
        let place = place.map { ":\($0)" } ?? ""
        return error.saying("\(name)\(place): \(error.problem)")
      }
  }
}
