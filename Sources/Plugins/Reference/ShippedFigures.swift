public import DioptraKitCore

/// The figures of the reference template that the program carries.
public enum ShippedFigures {
  /// - Throws: `DioptraError` when they cannot be read.
  public static func figures() throws -> ReferenceFigures { try figures(json: Templates.figuresJson.source) }

  /// Figures of the same form, such as tests make of their own folders.
  ///
  /// - Throws: `DioptraError` when they cannot be read.
  public static func figures(json: String) throws -> ReferenceFigures {
    try ReferenceFigures(json: json, numbered: numbered)
  }

  /// Workers of a kind, and the GPUs that they see, are numbered.
  private static let numbered = ["tfcpu-", "tfgpu-", "pytorchcpu-", "pytorchgpu-", "NVIDIA_VISIBLE_DEVICES: "]
}
