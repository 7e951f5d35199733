import Jobline
import JoblineTesting
import Testing

@Suite("Faults on purpose", .timeLimit(.minutes(1)))
struct FaultTests {
    @Test("Throttled calls are retried at the advised time, without real waiting")
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

    @Test("One throttle more than the attempts reaches the caller")
    func throttledTooOften() async throws {
        try await withJobline { jobline in
            try jobline.inject(.throttled(), next: 3, of: "ComprehendMedical.*")
            let error = await failure { () throws(JoblineError) in try await jobline.client.startRxNorm() }
            #expect(error?.code == .throttled)
            #expect(error?.attempts == 3)
            #expect(try await jobline.jobs().isEmpty)
        }
    }

    @Test("A caller without retries does not retry")
    func finalThrottle() async throws {
        try await withJobline { jobline in
            try jobline.inject(.throttled(retryAfter: nil), of: describeMethod)
            let error = await failure { () throws(JoblineError) in
                try await jobline.client.comprehendMedical.describeRxNormInferenceJob(jobID: "1")
            }
            #expect(error?.code == .throttled && error?.attempts == 1)
        }
    }

    @Test("A service answers with an error of its own")
    func serviceError() async throws {
        try await withJobline { jobline in
            try jobline.inject(.error("LimitExceededException"), of: "Personalize.CreateBatchSegmentJob")
            let error = await failure { () throws(JoblineError) in try await jobline.client.createSegment("spring") }
            #expect(error?.code == .conflict)
            #expect(error?.wire?.type == "LimitExceededException")
        }
    }

    @Test("A start whose response is lost starts one job", arguments: [true, false])
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
        "A start without token is not repeated; its error says that it may have taken effect",
        arguments: [true, false])
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

    @Test("A call without a response ends at its deadline, without real waiting")
    func unanswered() async throws {
        try await withJobline { jobline in
            // The server times out slightly before the client, which may leave time for another attempt.
            try jobline.inject(.unanswered, next: 3, of: describeMethod)
            let error = await failure { () throws(JoblineError) in
                try await jobline.client.comprehendMedical.describeRxNormInferenceJob(jobID: "1")
            }
            #expect(error?.code == .timeout)
            #expect(jobline.clock.elapsed > .seconds(29))
            #expect(Array(jobline.outcomes(of: describeMethod).keys) == ["504"])
        }
    }

    @Test("A delay uses the test clock; a delay beyond the deadline prevents the call")
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

    @Test("The error for an invalid fault says what is valid")
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

    @Test("Removed faults hit no call, and Sidecar methods always work")
    func clear() async throws {
        try await withJobline { jobline in
            try jobline.inject(.dropped(.before), next: 100)
            #expect(try await jobline.client.sidecar.getStatistics().connections.open == 1)
            jobline.clearFaults()
            _ = try await jobline.client.startRxNorm()
        }
    }
}
