// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Set by deploy/fuzz alone: to fuzz takes compiler flags that no package may have which others depend on.
let isFuzzed = Context.environment["JOBLINE_FUZZ"] != nil
let fuzzerSettings: [SwiftSetting] =
    isFuzzed ? [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing", "-assert-config", "Debug"])] : []

// Nothing looks up the daemon's symbols while it runs, and its addresses take a hundredth of the room when packed (glibc 2.36).
// Only a program may have such flags: whoever depends on the package links libraries.
let smallProgram: [LinkerSetting] = [
    .unsafeFlags(
        ["-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"],
        .when(configuration: .release))
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let propertyDependencies: [Target.Dependency] = [
    "FuzzSupport", "Jobline", "JoblineBackend", "JoblineProtocol", "JoblineServer", nioCore, nioEmbedded, logging,
]

// What has to hold of any input: once for the fuzzer, and once as tests on inputs from a seed.
let fuzzing: [Target] =
    isFuzzed
    ? [
        .target(
            name: "FuzzProperties",
            dependencies: propertyDependencies,
            path: "Tests/Fuzzing/Properties",
            swiftSettings: settings + fuzzerSettings
        ),
        .executableTarget(
            name: "Fuzzer",
            dependencies: ["FuzzProperties", "FuzzSupport"],
            path: "Tests/Fuzzing/Fuzzer",
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
        ),
    ]
    : [
        .testTarget(
            name: "FuzzingTests",
            dependencies: propertyDependencies,
            path: "Tests/Fuzzing",
            exclude: ["Fuzzer", "Support"],
            swiftSettings: settings
        )
    ]

let products: [Product] = [
    .library(name: "Jobline", targets: ["Jobline"]),
    .library(name: "JoblineTesting", targets: ["JoblineTesting"]),
    .executable(name: "joblined", targets: ["joblined"]),
    .executable(name: "joblinectl", targets: ["joblinectl"]),
]

let dependencies: [Package.Dependency] = [
    // Sockets and event loops, for both sides of the wire.
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    // The embedded store, on the system's SQLite.
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    // Start, signals and drain of the daemon.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // One set of keys for the YAML file, the environment and the flags.
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    // What the SDK counts and traces, in whatever system the program that uses it has.
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Programs that the tests run. The daemon launches executors itself (CSpawn): this library cannot report that a thread,
    // a process or a descriptor is lacking.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    // Paths and descriptors without Foundation.
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    // The authentication code of pagination tokens.
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    // Reading the contract, with lines and columns for its diagnostics; reading the configuration's key names.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
]

let targets: [Target] = [
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    // What glibc has for starting a program and Swift does not see.
    .target(name: "CSpawn"),
    // The OpenRPC document, embedded by the C compiler.
    .target(name: "COpenRPC", exclude: ["Generated"]),
    // User at the other end of a TCP connection, from the kernel's socket diagnostics.
    .target(name: "CSockDiag"),
    // The C library, whatever the platform calls it: what is in a library product imports this.
    .target(name: "LibC", swiftSettings: settings),
    .target(name: "JoblineProtocol", dependencies: ["LibC", nioCore], swiftSettings: settings + fuzzerSettings),
    .target(
        name: "Jobline",
        dependencies: ["JoblineProtocol", "LibC", nioCore, nioPosix, logging, lifecycle, metrics, tracing],
        swiftSettings: settings + fuzzerSettings
    ),
    // Seam between the server and its backends: service protocols and the types that they share.
    .target(
        name: "JoblineBackend", dependencies: ["JoblineProtocol", nioCore], swiftSettings: settings + fuzzerSettings),
    // Wires of AWS: routing and coding of messages, without HTTP itself.
    .target(
        name: "JoblineAWS", dependencies: ["JoblineProtocol", nioCore], swiftSettings: settings + fuzzerSettings),
    .target(
        name: "JoblineServer",
        dependencies: [
            "COpenRPC", "CSockDiag", "JoblineAWS", "JoblineBackend", "JoblineProtocol", "LibC", nioCore, nioHTTP1,
            nioPosix, logging, lifecycle,
        ],
        swiftSettings: settings + fuzzerSettings
    ),
    .target(
        name: "JoblineEmbedded",
        dependencies: [
            "CSpawn", "JoblineBackend", "JoblineProtocol", "LibC", nioCore, logging, system,
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "GRDBSQLite", package: "GRDB.swift"),
            .product(name: "Crypto", package: "swift-crypto"),
        ],
        swiftSettings: settings
    ),
    .target(
        name: "JoblineTesting",
        dependencies: [
            "Jobline", "JoblineBackend", "JoblineProtocol", "JoblineServer", "JoblineEmbedded", "LibC", nioCore,
            nioPosix,
            logging, system,
        ],
        swiftSettings: settings
    ),
    .executableTarget(
        name: "joblined",
        dependencies: [
            "CSystemd", "JoblineBackend", "JoblineProtocol", "JoblineServer", "JoblineEmbedded", nioCore, nioPosix,
            logging,
            lifecycle, system,
            argumentParser, "Yams",
            .product(name: "Configuration", package: "swift-configuration"),
        ],
        swiftSettings: settings,
        linkerSettings: smallProgram
    ),
    .executableTarget(
        name: "joblinectl",
        dependencies: ["Jobline", "JoblineProtocol", nioCore, logging, argumentParser],
        swiftSettings: settings,
        linkerSettings: smallProgram
    ),
    .executableTarget(
        name: "SpecCompiler",
        dependencies: ["Yams", argumentParser],
        swiftSettings: settings
    ),

    .target(
        name: "TestSupport",
        dependencies: ["JoblineProtocol", "Jobline", nioCore, nioPosix, logging, tracing, system, subprocess],
        path: "Tests/TestSupport",
        swiftSettings: settings
    ),
    .target(
        name: "FuzzSupport",
        dependencies: ["TestSupport", "JoblineProtocol", nioCore],
        path: "Tests/Fuzzing/Support",
        swiftSettings: settings
    ),
    // A client and its daemons under load and in trouble, in a process of their own; a test runs it, and so can anyone.
    .executableTarget(
        name: "Endurance",
        dependencies: ["TestSupport", "Jobline", argumentParser, subprocess],
        path: "Tests/Endurance",
        swiftSettings: settings
    ),
    // What the steps of a request allocate, compared with what is stored; in a release build.
    .target(name: "AllocationCounter", path: "Tests/MicroBenchmarks/AllocationCounter"),
    .executableTarget(
        name: "MicroBenchmarks",
        dependencies: [
            "AllocationCounter", "TestSupport", "JoblineBackend", "JoblineProtocol", "JoblineServer", "JoblineEmbedded",
            nioCore, logging,
            system, argumentParser,
        ],
        path: "Tests/MicroBenchmarks/Benchmarks",
        swiftSettings: settings
    ),
    .testTarget(
        name: "JoblineAWSTests", dependencies: ["JoblineAWS", "JoblineProtocol", nioCore], swiftSettings: settings),
    .testTarget(name: "JoblineProtocolTests", dependencies: ["JoblineProtocol", nioCore], swiftSettings: settings),
    .testTarget(
        name: "JoblineTests",
        dependencies: [
            "Jobline", "JoblineProtocol", "JoblineTesting", "TestSupport", nioCore, nioPosix, nioEmbedded, logging,
            lifecycle, metrics, tracing,
            .product(name: "MetricsTestKit", package: "swift-metrics"),
        ],
        swiftSettings: settings
    ),
    .testTarget(
        name: "JoblineServerTests",
        dependencies: [
            "JoblineServer", "JoblineBackend", "JoblineProtocol", "TestSupport", nioCore, nioPosix, nioEmbedded,
            logging,
        ],
        swiftSettings: settings
    ),
    .testTarget(
        name: "JoblineEmbeddedTests",
        dependencies: [
            "JoblineEmbedded", "JoblineBackend", "JoblineProtocol", "TestSupport", nioCore, logging, system, subprocess,
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "GRDB", package: "GRDB.swift"),
        ],
        // Programs in Python, run from the checkout.
        exclude: ["ExampleExecutors"],
        swiftSettings: settings
    ),
    .testTarget(
        name: "JoblineTestingTests", dependencies: ["JoblineTesting", "Jobline"], swiftSettings: settings
    ),
    .testTarget(name: "SpecCompilerTests", dependencies: ["SpecCompiler"], swiftSettings: settings),
    .testTarget(
        name: "joblinedTests",
        dependencies: [
            "joblined", "JoblineBackend", "JoblineProtocol", "JoblineServer", "JoblineEmbedded", "TestSupport", logging,
            system,
        ],
        swiftSettings: settings
    ),
    .testTarget(
        name: "joblinectlTests",
        dependencies: ["joblinectl", "Jobline", "JoblineProtocol", nioCore, logging, argumentParser],
        swiftSettings: settings
    ),
    // What the articles and the README show, compiled.
    .testTarget(
        name: "DocumentationTests",
        dependencies: [
            "Jobline", "JoblineProtocol", "JoblineTesting", "TestSupport", logging, lifecycle,
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ],
        swiftSettings: settings
    ),
    .testTarget(
        name: "IntegrationTests",
        dependencies: [
            "TestSupport", "FuzzSupport", "Jobline", "JoblineProtocol", "joblined", "joblinectl", "Endurance", nioCore,
            tracing, system, subprocess,
            .product(name: "GRDB", package: "GRDB.swift"),
        ],
        // Programs in Python, run from the checkout.
        exclude: ["Oracle", "PythonClient", "Terminal"],
        swiftSettings: settings
    ),
]

let package = Package(
    name: "jobline",
    // For Jobline and JoblineTesting, whose code needs InlineArray. The daemon runs on Linux alone.
    platforms: [.macOS(.v26)],
    products: products,
    dependencies: dependencies,
    targets: targets + fuzzing
)
