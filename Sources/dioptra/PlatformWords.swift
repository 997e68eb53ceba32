import DioptraKitCore

extension Platforms {
  /// What help and messages call the platform that every deployment runs on.
  static var words: PlatformWords { standard.dialect.words }
}
