// swift-tools-version: 6.2

// A program that uses the SDK, with tests that need no daemon, like a user of this package has.

import PackageDescription

let package = Package(
    name: "nightly-notes",
    products: [.library(name: "NightlyNotes", targets: ["NightlyNotes"])],
    dependencies: [.package(name: "jobline", path: "../..")],
    targets: [
        .target(name: "NightlyNotes", dependencies: [.product(name: "Jobline", package: "jobline")]),
        .testTarget(
            name: "NightlyNotesTests",
            dependencies: [
                "NightlyNotes", .product(name: "Jobline", package: "jobline"),
                .product(name: "JoblineTesting", package: "jobline"),
            ]),
    ]
)
