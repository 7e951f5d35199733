import Jobline
import JoblineTesting
import Testing

@Suite("Faults on purpose", .timeLimit(.minutes(1)))
struct FaultTests {
    @Test("throttled calls are made again when the server says, and nobody waits for that")
    func throttled() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            try jobline.inject(.throttled(retryAfter: .seconds(4)), next: 2, of: describeMethod)
            #expect(try await jobline.client.rxNorm(job)?.jobStatus == .submitted)
            #expect(jobline.outcomes(of: describeMethod) == ["429": 2, "ok": 1])
            #expect(jobline.clock.elapsed >= .seconds(8))
            #expect(jobline.pendingFaults == 0)
        }
    }

    @Test("one throttle more than attempts reaches the caller")
    func throttledTooOften() async throws {
        try await withJobline { jobline in
            try jobline.inject(.throttled(), next: 3, of: "ComprehendMedical.*")
            let error = await failure { () throws(JoblineError) in try await jobline.client.startRxNorm() }
            #expect(error?.code == .throttled)
            #expect(error?.attempts == 3)
            #expect(try await jobline.jobs().isEmpty)
        }
    }

    @Test("a caller who is told not to retry does not")
    func finalThrottle() async throws {
        try await withJobline { jobline in
            try jobline.inject(.throttled(retryAfter: nil), of: describeMethod)
            let error = await failure { () throws(JoblineError) in
                try await jobline.client.comprehendMedical.describeRxNormInferenceJob(jobID: "1")
            }
            #expect(error?.code == .throttled && error?.attempts == 1)
        }
    }

    @Test("a service answers with an error of its own")
    func serviceError() async throws {
        try await withJobline { jobline in
            try jobline.inject(.error("LimitExceededException"), of: "Personalize.CreateBatchSegmentJob")
            let error = await failure { () throws(JoblineError) in try await jobline.client.createSegment("spring") }
            #expect(error?.code == .conflict)
            #expect(error?.wire?.type == "LimitExceededException")
        }
    }

    @Test("a start that was carried out, and whose answer is lost, starts one job", arguments: [true, false])
    func lostAnswer(isDropped: Bool) async throws {
        try await withJobline { jobline in
            try jobline.inject(isDropped ? .dropped(.after) : .internalError(.after), of: startMethod)
            let started = try await jobline.client.startRxNorm()
            #expect(try await jobline.jobs().map(\.id) == [started.jobID])
            #expect(jobline.calls(of: startMethod) == 2)
            #expect(jobline.outcomes(of: startMethod) == [isDropped ? "lost" : "500": 1, "ok": 1])
        }
    }

    @Test(
        "a start without token is not repeated, and its error says that it may have happened", arguments: [true, false])
    func ambiguousStart(isCarriedOut: Bool) async throws {
        try await withJobline { jobline in
            try await jobline.client.createMatchingWorkflow("people")
            try jobline.inject(.dropped(isCarriedOut ? .after : .before), of: "EntityResolution.StartMatchingJob")
            let error = await failure { () throws(JoblineError) in
                try await jobline.client.entityResolution.startMatchingJob(workflowName: "people")
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.outcomeUnknown == true)
            #expect(error?.attempts == 1)
            #expect(try await jobline.jobs().count == (isCarriedOut ? 1 : 0))
        }
    }

    @Test("a call that is never answered ends at its deadline, without anybody waiting for it")
    func unanswered() async throws {
        try await withJobline { jobline in
            // The server gives up a moment before the client, which may leave time for another attempt.
            try jobline.inject(.unanswered, next: 3, of: describeMethod)
            let error = await failure { () throws(JoblineError) in
                try await jobline.client.comprehendMedical.describeRxNormInferenceJob(jobID: "1")
            }
            #expect(error?.code == .timeout)
            #expect(jobline.clock.elapsed > .seconds(29))
            #expect(Array(jobline.outcomes(of: describeMethod).keys) == ["504"])
        }
    }

    @Test("a delay takes the clock's time, and beyond the deadline nothing is done")
    func delayed() async throws {
        try await withJobline { jobline in
            try jobline.inject(.delayed(.seconds(5)), of: startMethod)
            _ = try await jobline.client.startRxNorm()
            #expect(jobline.clock.elapsed == .seconds(5))
            try jobline.inject(.delayed(.seconds(50)), of: startMethod)
            let error = await failure { () throws(JoblineError) in try await jobline.client.startRxNorm() }
            #expect(error?.code == .timeout)
            #expect(try await jobline.jobs().count == 1)
        }
    }

    @Test("faults that make no sense are refused with what would")
    func nonsense() async throws {
        try await withJobline { jobline in
            let name = await refusal { () throws(TestServerError) in
                try jobline.inject(.unanswered, of: "Personalize.Nothing")
            }
            #expect(name?.code == .fault)
            #expect(name?.message.contains("expected a method such as Personalize.CreateBatchSegmentJob") == true)
            let type = await refusal { () throws(TestServerError) in
                try jobline.inject(.error("ConflictException"), of: describeMethod)
            }
            #expect(type?.message.contains("never answers with ConflictException") == true)
            #expect(jobline.pendingFaults == 0)
        }
    }

    @Test("faults that are taken back befall nobody, and the server itself can always be asked")
    func clear() async throws {
        try await withJobline { jobline in
            try jobline.inject(.dropped(.before), next: 100)
            #expect(try await jobline.client.sidecar.getStatistics().connections.open == 1)
            jobline.clearFaults()
            _ = try await jobline.client.startRxNorm()
        }
    }
}
