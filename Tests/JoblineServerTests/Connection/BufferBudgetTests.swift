import JoblineBackend
import Testing

@testable import JoblineServer

@Suite struct BufferBudgetTests {
    @Test("Bytes of all connections of a user are added up, and users are separate")
    func users() {
        let budget = BufferBudget()
        #expect(budget.charge(.user(1), 60) == 60)
        #expect(budget.charge(.user(2), 50) == 50)
        #expect(budget.charge(.user(1), 40) == 100)
        #expect(budget.charge(.user(1), -10) == 90)
        #expect(budget.total == 140)
    }

    @Test("A user without bytes has no entry")
    func forgotten() {
        let budget = BufferBudget()
        _ = budget.charge(.user(1), 60)
        _ = budget.charge(.user(1), -60)
        #expect(budget.total == 0)
    }
}
