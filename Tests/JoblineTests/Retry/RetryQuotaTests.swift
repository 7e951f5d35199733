import Testing

@testable import Jobline

@Suite("Retry quota")
struct RetryQuotaTests {
    @Test("holds 500, of which 35 retries take all but 10")
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

    @Test("gets back what a call took that came through, 1 for a call without retry, and never more than there was")
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
