import Testing

@testable import JoblineServer

@Suite struct BufferBudgetTests {
    @Test("what a user's connections hold counts together, and users do not count for each other")
    func users() {
        let budget = BufferBudget(100)
        #expect(!budget.charge(1, 60))
        #expect(!budget.charge(2, 60))
        #expect(!budget.charge(1, 40))
        #expect(budget.charge(1, 1))
        #expect(!budget.charge(1, -1))
        #expect(budget.total == 160)
    }

    @Test("a user who holds nothing is forgotten")
    func forgotten() {
        let budget = BufferBudget(100)
        _ = budget.charge(1, 60)
        _ = budget.charge(1, -60)
        #expect(budget.total == 0)
    }
}
