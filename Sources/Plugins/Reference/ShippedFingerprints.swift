package import DioptraKitCore

/// The program's fingerprints of the reference template.
package enum ShippedFingerprints {
  /// - Throws: `DioptraError` if they are unreadable.
  package static func fingerprints() throws -> ReferenceFingerprints {
    try fingerprints(json: Templates.fingerprintsJson.source)
  }

  /// Fingerprints in the same format, such as those that tests generate for their own folders.
  ///
  /// - Throws: `DioptraError` if they are unreadable.
  package static func fingerprints(json: String) throws -> ReferenceFingerprints {
    try ReferenceFingerprints(json: json, numbered: numbered)
  }

  /// Workers of one kind, and the GPUs that they see, are numbered.
  private static let numbered = ["tfcpu-", "tfgpu-", "pytorchcpu-", "pytorchgpu-", "NVIDIA_VISIBLE_DEVICES: "]
}
