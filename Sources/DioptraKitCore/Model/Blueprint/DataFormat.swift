internal import DioptraSystem

/// The version that a volume's data must have for the image that uses them, as recorded in a file in the volume.
public struct DataFormat: Codable, Equatable, Sendable {
  /// The volume with the data.
  public var volume: VolumeName
  /// The file in the volume, such as `PG_VERSION`.
  public var file: String
  /// The expected content of the file, ignoring white space around it.
  public var expected: Text
  /// The program that the data belong to, with the word that the file's content completes: "the database server".
  public var program: String
  /// An image that has `cat`.
  public var image: Text
  /// The variable to change.
  public var variable: VariableName

  /// A format that `init` and the standalone script insist on: they refuse data of another one.
  public init(
    _ volume: VolumeName, file: String, expected: Text, program: String, image: Text, variable: VariableName
  ) {
    self.volume = volume
    self.file = file
    self.expected = expected
    self.program = program
    self.image = image
    self.variable = variable
  }
}

extension DataFormat: Contributed {
  /// What messages call such a value.
  public static let kind = "data format"
  /// The volume, the variable to change, and what the texts name.
  public var references: [Reference] {
    [.volume(volume), .variable(variable)] + expected.references + image.references
  }

  /// The same with another name of its image.
  public func renamingImages(_ newName: (Text) -> Text) -> Self {
    var value = self
    value.image = newName(image)
    return value
  }
}

extension Contribution {
  /// The version that a volume's data must have for the image that uses them.
  public static func dataFormat(_ value: DataFormat) -> Self { Self(value) }
}

extension Blueprint {
  /// Every format that data must have, in the order of the components.
  public var dataFormats: [Owned<DataFormat>] { self[DataFormat.self] }
}
