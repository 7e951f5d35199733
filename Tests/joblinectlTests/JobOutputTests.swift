import Jobline
import Testing

@testable import joblinectl

@Suite("Output of jobs")
struct JobOutputTests {
    private static let arn = "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/n"

    @Test("A line of JSON has the reference, the state and the service's description in one form")
    func line() {
        let medical = Job(.init(jobID: "1f", jobStatus: .inProgress), family: .rxNormInference)
        #expect(
            JobLine(medical).text == #"""
                {"service":"ComprehendMedical","family":"RxNormInference","id":"1f","reference":"RxNormInference/1f",\#
                "state":"running","status":"IN_PROGRESS","job":{"JobId":"1f","JobStatus":"IN_PROGRESS"}}
                """#)
        let start = Timestamp(milliseconds: 1_795_235_608_000)
        var matching = Job(matching: .init(jobID: "2f", status: .running, startTime: start), workflow: "people")
        matching.progress = 0.5
        #expect(
            JobLine(matching).text == #"""
                {"service":"EntityResolution","family":"Matching","workflow":"people","id":"2f",\#
                "reference":"Matching/people/2f","state":"running","status":"RUNNING","progress":0.5,\#
                "job":{"jobId":"2f","status":"RUNNING","startTime":1795235608}}
                """#)
        let segment = Job(Personalize.BatchSegmentJobSummary(batchSegmentJobARN: Self.arn, status: .createFailed))
        #expect(
            JobLine(segment).text == #"""
                {"service":"Personalize","family":"BatchSegment","id":"\#(Self.arn)","reference":"BatchSegment/\#(Self.arn)",\#
                "state":"failed","status":"CREATE FAILED",\#
                "job":{"batchSegmentJobArn":"\#(Self.arn)","status":"CREATE FAILED"}}
                """#)
        let gone = Job(reference: .comprehendMedical(.phiDetection, "none"), state: .gone)
        #expect(
            JobLine(gone, token: "t").text == #"""
                {"service":"ComprehendMedical","family":"PHIDetection","id":"none","reference":"PHIDetection/none",\#
                "state":"gone","token":"t"}
                """#)
    }

    @Test("A table has columns for names and reasons only if a job has one")
    func table() {
        let time = Timestamp(milliseconds: 1_795_235_608_714)
        var table = JobTable(TimeFormat(isUTC: true))
        table.add(Job(.init(jobID: "1f", jobStatus: .completed, submitTime: time), family: .rxNormInference))
        #expect(
            table.text(width: nil) == """
                JOB                 STATE      STARTED
                RxNormInference/1f  COMPLETED  2026-11-21T04:33:28Z
                """)
        table.add(
            Job(
                Personalize.BatchSegmentJobSummary(
                    batchSegmentJobARN: Self.arn, jobName: "n", status: .createFailed, creationDateTime: time,
                    failureReason: "no\nspace")))
        #expect(
            table.text(width: nil) == """
                JOB                 STATE          STARTED               NAME  REASON
                RxNormInference/1f  COMPLETED      2026-11-21T04:33:28Z
                BatchSegment/n      CREATE FAILED  2026-11-21T04:33:28Z  n     no space
                """)
    }

    @Test("The reason in a row is shortened before the name, and both keep a minimum width")
    func narrow() {
        var table = Table(["JOB", "NAME", "REASON"], flexible: [2, 1])
        table.add(["0123456789", "a long name of a job", "a long reason of a failure"])
        let line = { (width: Int) in table.text(width: width).split(separator: "\n").last.map(String.init) }
        #expect(line(60) == "0123456789  a long name of a job  a long reason of a failure")
        #expect(line(50) == "0123456789  a long name of a job  a long reason o…")
        #expect(line(40) == "0123456789  a long name of a …  a long …")
        #expect(line(1) == "0123456789  a long …  a long …")
    }

    @Test(
        "Progress is a percentage, and no number crashes the program",
        arguments: [
            (0.0, "0%"), (0.429, "42%"), (1, "100%"), (-1, "0%"), (7, "100%"), (.infinity, "100%"), (.nan, ""),
            (.greatestFiniteMagnitude, "100%"),
        ])
    func percentages(progress: Double, text: String) {
        let job = Job(reference: .comprehendMedical(.rxNormInference, "1f"), state: .running, progress: progress)
        #expect(job.percentage == text)
        var progress = WaitProgress([job.reference])
        progress.note(job)
        #expect(progress.lines(in: .init(columns: 80, rows: 24), elapsed: .zero, step: 0).count == 1)
    }

    @Test("The suggested limit is larger, without overflow")
    func more() {
        #expect(ListCommand.more(than: 100) == "there are more than 100 jobs; show them with --limit 1000")
        #expect(ListCommand.more(than: .max).hasSuffix("--limit 9223372036854775807"))
    }
}
