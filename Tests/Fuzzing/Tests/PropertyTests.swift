import FuzzSupport
import Testing

/// Checks the fuzzer's properties on a bounded number of inputs.
@Suite("Properties of any input", .timeLimit(.minutes(5)))
struct PropertyTests {
    @Test("The property holds for the initial inputs", arguments: Property.allCases)
    func seeds(property: Property) async throws {
        for input in property.inputs(from: try Seeds()) { await check(property, input, "a seed") }
    }

    @Test(
        "The property holds for mutated inputs",
        arguments: [(Property.frames, 1000), (.messages, 3000), (.client, 1000), (.connection, 300)])
    func mutated(property: Property, count: Int) async throws {
        let mutator = Mutator(property.inputs(from: try Seeds()))
        for number in 0..<count {
            var random = TestSeed.random(forInput: number)
            let input = mutator.make(&random)
            await check(property, input, "JOBLINE_TEST_SEED=\(TestSeed.value), input \(number)")
        }
    }

    private func check(_ property: Property, _ input: [UInt8], _ origin: String) async {
        // A check never suspends for long; lets tests that measure time run between two inputs.
        await Task.yield()
        do {
            try await property.check(input)
        } catch {
            Issue.record("\(error)\n\(origin): \(input.hexadecimal)")
        }
    }
}
