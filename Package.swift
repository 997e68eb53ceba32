// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (Context.environment["CI"] == "true" ? [.treatAllWarnings(as: .error)] : [])

/// The linker of the release binary; a plain build takes the toolchain's default.
let linker: [LinkerSetting] = Context.environment["DIOPTRA_LINKER"].map { [.unsafeFlags(["-use-ld=\($0)"])] } ?? []

/// One folder below `Sources/Plugins`, one module, one concern. A plugin sees the framework and nothing else.
let concerns = [
  "Deployment", "Postgres", "DBAdmin", "Minio", "Redis", "MLflow", "RestAPI", "Frontend", "Workers", "Nginx", "TLS",
  "Systemd", "Reference",
]

/// Those that bring no templates.
let withoutTemplates: Set = ["DBAdmin", "MLflow", "Redis"]

/// What a concern needs of others' packages; nothing but the TLS plugin knows certificates.
let products: [String: [Target.Dependency]] = [
  "TLS": [.product(name: "X509", package: "swift-certificates"), .product(name: "SwiftASN1", package: "swift-asn1")]
]

/// A floor of the framework: a folder below `Sources/DioptraKitCore`, one module. It sees the floors below it that it names.
struct Floor {
  let folder: String
  let name: String
  let uses: [String]
  let dependencies: [Target.Dependency]

  /// - Parameter group: The folder that several floors of one kind stand in.
  init(_ name: String, in group: String? = nil, uses: [String] = [], _ dependencies: [Target.Dependency] = []) {
    self.name = name
    folder = group.map { "\($0)/\(name)" } ?? name
    self.uses = uses
    self.dependencies = dependencies
  }

  var target: String { "Dioptra" + name }
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

/// From the ground up.
let floors = [
  Floor(
    "System",
    [
      "CLinux", "CLibYAML", crypto, .product(name: "Subprocess", package: "swift-subprocess"),
      .product(name: "SystemPackage", package: "swift-system"),
    ]),
  Floor("Model", uses: ["System"]),
  Floor("Rendering", uses: ["System", "Model"]),
  Floor("State", uses: ["System", "Model"], ["CSQLite", crypto]),
  Floor("Platform", uses: ["System", "Model", "Rendering"]),
  Floor("Compose", in: "Platforms", uses: ["System", "Model", "Rendering", "Platform"]),
  Floor(
    "Operations", uses: ["System", "Model", "Rendering", "State", "Platform"],
    [crypto, .product(name: "CryptoExtras", package: "swift-crypto")]),
]

func module(_ floor: Floor) -> Target {
  .target(
    name: floor.target,
    dependencies: floor.uses.map { .target(name: "Dioptra" + $0) } + floor.dependencies,
    path: "Sources/DioptraKitCore/" + floor.folder,
    swiftSettings: settings
  )
}

func plugin(_ concern: String) -> Target {
  let hasTemplates = !withoutTemplates.contains(concern)
  return .target(
    name: concern + "Plugin",
    dependencies: ["DioptraKitCore"] + products[concern, default: []],
    path: "Sources/Plugins/" + concern,
    exclude: hasTemplates ? ["Templates"] : [],
    swiftSettings: settings,
    plugins: hasTemplates ? ["EmbedTemplates"] : []
  )
}

let package = Package(
  name: "DioptraKit",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "dioptra", targets: ["dioptra"]),
    .library(name: "DioptraKitCore", targets: ["DioptraKitCore"]),
    .library(name: "Plugins", targets: ["Plugins"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    // Judges, in tests, what is written as YAML; the program itself reads YAML with libyaml.
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CLinux", path: "Sources/DioptraKitCore/CLinux"),
    .target(
      name: "DioptraKitCore",
      dependencies: floors.map { .target(name: $0.target) },
      path: "Sources/DioptraKitCore",
      exclude: floors.map(\.folder) + ["CLinux"],
      sources: ["DioptraKitCore.swift"],
      swiftSettings: settings
    ),
    .target(
      name: "Plugins",
      dependencies: concerns.map { .target(name: $0 + "Plugin") } + ["DioptraKitCore"],
      path: "Sources/Plugins",
      exclude: concerns,
      sources: ["ReferenceDeployment.swift", "CommittedIdentity.swift"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "dioptra",
      dependencies: [
        "DioptraKitCore",
        "Plugins",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings,
      linkerSettings: linker
    ),
    .executableTarget(name: "embed-templates", path: "Sources/Embedding/Tool", swiftSettings: settings),
    .plugin(
      name: "EmbedTemplates",
      capability: .buildTool(),
      dependencies: ["embed-templates"],
      path: "Sources/Embedding/Plugin"
    ),
    .target(
      name: "TestSupport",
      dependencies: [
        "DioptraKitCore",
        "Plugins",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support",
      exclude: ["Rigs"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "DioptraKitCoreTests",
      dependencies: ["DioptraKitCore", "TestSupport", .product(name: "Yams", package: "Yams")]
        + floors.map { .target(name: $0.target) },
      swiftSettings: settings
    ),
    .testTarget(
      name: "PluginsTests",
      dependencies: [
        "DioptraKitCore", "Plugins", "TestSupport", .product(name: "Yams", package: "Yams"),
      ] + concerns.map { .target(name: $0 + "Plugin") },
      exclude: ["Golden", "Rigs"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "DioptraKitCore", "TestSupport", "dioptra",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/EndToEnd",
      exclude: ["Bed", "Rigs"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "FieldTests",
      dependencies: ["TestSupport", "dioptra"],
      path: "Tests/Field",
      exclude: ["Cases", "Rigs"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "dioptraTests",
      dependencies: ["DioptraKitCore", "Plugins", "TestSupport", "dioptra"],
      exclude: ["Fixtures", "Golden", "Upgrading/Golden"],
      swiftSettings: settings
    ),
  ] + floors.map(module) + concerns.map(plugin)
)
