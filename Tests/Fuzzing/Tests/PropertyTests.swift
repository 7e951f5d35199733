import FuzzSupport
import Testing

/// What the fuzzer looks for, on a bounded number of inputs.
@Suite("What has to hold of any input", .timeLimit(.minutes(5)))
struct PropertyTests {
    @Test("holds of the inputs to begin with", arguments: Property.allCases)
    func seeds(property: Property) async throws {
        for input in property.inputs(from: try Seeds()) { await check(property, input, "a seed") }
    }

    @Test(
        "holds of inputs that are broken by chance",
        arguments: [(Property.frames, 1000), (.messages, 3000), (.client, 1000), (.connection, 300)])
    func mutated(property: Property, count: Int) async throws {
        let mutator = Mutator(property.inputs(from: try Seeds()))
        for number in 0..<count {
            var chance = TestSeed.chance(of: number)
            let input = mutator.make(&chance)
            await check(property, input, "JOBLINE_TEST_SEED=\(TestSeed.value), input \(number)")
        }
    }

    private func check(_ property: Property, _ input: [UInt8], _ origin: String) async {
        // Nothing in it waits: other tests, some of which are about time, get their turn between two inputs.
        await Task.yield()
        do {
            try await property.check(input)
        } catch {
            Issue.record("\(error)\n\(origin): \(input.hexadecimal)")
        }
    }
}
