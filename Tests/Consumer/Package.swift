// swift-tools-version: 6.2

// A program that uses the SDK, and its tests, which need no daemon: what a user of this package would have.

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
