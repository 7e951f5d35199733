import Testing

@testable import Jobline

@Suite("Retry quota")
struct RetryQuotaTests {
    @Test("The quota holds 500 tokens; 35 retries leave 10")
    func capacity() {
        let quota = RetryQuota()
        for _ in 0..<35 { #expect(quota.take(RetryQuota.cost)) }
        #expect(quota.available == 10)
        #expect(!quota.take(RetryQuota.cost))
        #expect(quota.available == 10)
        #expect(quota.take(RetryQuota.throttlingCost))
        #expect(quota.take(RetryQuota.throttlingCost))
        #expect(!quota.take(RetryQuota.throttlingCost))
    }

    @Test("A success returns the tokens of its last retry, or 1 without retry, up to the capacity")
    func success() {
        let quota = RetryQuota()
        #expect(quota.take(RetryQuota.cost))
        #expect(quota.take(RetryQuota.cost))
        quota.succeeded(taken: 0)
        #expect(quota.available == 473)
        quota.succeeded(taken: 14)
        #expect(quota.available == 487)
        quota.succeeded(taken: 28)
        #expect(quota.available == 500)
    }
}
