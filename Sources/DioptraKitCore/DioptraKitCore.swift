// The whole framework under one name, for authors of components and for programs that embed it.
@_exported public import DioptraCompose
@_exported public import DioptraModel
@_exported public import DioptraOperations
@_exported public import DioptraPlatform
@_exported public import DioptraRendering
@_exported public import DioptraState
@_exported public import DioptraSystem

/// What deployments can run on. Nothing else names one of them.
public enum Platforms {
  /// The one that every deployment runs on.
  public static var standard: any Platform { ComposePlatform() }
}
