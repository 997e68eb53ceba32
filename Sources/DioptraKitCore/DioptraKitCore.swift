// The whole framework under one name, for authors of components and for programs that embed it.
@_exported public import DioptraModel
@_exported public import DioptraOperations
@_exported public import DioptraPlatforms
@_exported public import DioptraRendering
@_exported public import DioptraState
@_exported public import DioptraSystem
