public import DioptraKitCore

/// The fingerprints of the reference template that the program carries.
public enum ShippedFingerprints {
  /// - Throws: `DioptraError` when they cannot be read.
  public static func fingerprints() throws -> ReferenceFingerprints {
    try fingerprints(json: Templates.fingerprintsJson.source)
  }

  /// Fingerprints of the same form, such as tests make of their own folders.
  ///
  /// - Throws: `DioptraError` when they cannot be read.
  public static func fingerprints(json: String) throws -> ReferenceFingerprints {
    try ReferenceFingerprints(json: json, numbered: numbered)
  }

  /// Workers of a kind, and the GPUs that they see, are numbered.
  private static let numbered = ["tfcpu-", "tfgpu-", "pytorchcpu-", "pytorchgpu-", "NVIDIA_VISIBLE_DEVICES: "]
}
