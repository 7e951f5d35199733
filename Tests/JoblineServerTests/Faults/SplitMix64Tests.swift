import Testing

@testable import JoblineServer

@Suite struct SplitMix64Tests {
    @Test("The numbers for seed 1234567 are the published ones")
    func vector() {
        let numbers = SplitMix64(seed: 1_234_567)
        #expect(
            (1...5).map(numbers.number) == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test("A fraction is the number divided by 2^64")
    func fraction() {
        #expect(SplitMix64(seed: 1_234_567).fraction(1) == Double(6_457_827_717_110_365_317 as UInt64 >> 11) / 0x1p53)
    }
}
