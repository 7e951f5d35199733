import JoblineBackend
import Testing

@testable import JoblineServer

@Suite struct BufferBudgetTests {
    @Test("what a user's connections hold counts together, and users do not count for each other")
    func users() {
        let budget = BufferBudget()
        #expect(budget.charge(.user(1), 60) == 60)
        #expect(budget.charge(.user(2), 50) == 50)
        #expect(budget.charge(.user(1), 40) == 100)
        #expect(budget.charge(.user(1), -10) == 90)
        #expect(budget.total == 140)
    }

    @Test("a user who holds nothing is forgotten")
    func forgotten() {
        let budget = BufferBudget()
        _ = budget.charge(.user(1), 60)
        _ = budget.charge(.user(1), -60)
        #expect(budget.total == 0)
    }
}
