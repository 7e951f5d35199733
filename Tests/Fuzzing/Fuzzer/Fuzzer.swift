import Dispatch
import FuzzProperties
import FuzzSupport
import Glibc

/// Runs libFuzzer on one property.
///
///     Fuzzer --property=frames --seeds=FOLDER     writes initial inputs
///     Fuzzer --property=frames OPTION... FOLDER   fuzzes
///     Fuzzer --property=frames FILE               checks one input
///
/// Options with two dashes belong to this program; libFuzzer ignores them and passes them to its child processes.
@main struct Fuzzer {
    static func main() throws {
        guard let property = option("property").flatMap(Property.init) else {
            let known = Property.allCases.map(\.rawValue).joined(separator: "|")
            report("usage: Fuzzer --property=\(known) [--seeds=FOLDER] [libFuzzer's options] [FOLDER or FILE...]")
            exit(64)
        }
        if let folder = option("seeds") { return save(property.inputs(from: try Seeds()), in: folder) }
        chosen = property
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, tryInput))
    }

    private static func option(_ name: String) -> String? {
        let prefix = "--\(name)="
        return CommandLine.arguments.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    private static func save(_ seeds: [[UInt8]], in folder: String) {
        for (index, seed) in seeds.enumerated() {
            let path = "\(folder)/seed-\(index)"
            guard let file = fopen(path, "w") else {
                perror(path)
                exit(73)
            }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }
}

/// Set once, before libFuzzer starts.
private nonisolated(unsafe) var chosen = Property.frames

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ tryInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private func report(_ line: String) {
    var line = line + "\n"
    _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

private func tryInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let property = chosen
    let done = DispatchSemaphore(value: 0)
    Task {
        do {
            try await property.check(input)
        } catch {
            report("\(property.rawValue): \(error)")
            abort()
        }
        done.signal()
    }
    done.wait()
    return 0
}
