import Jobline
import Testing

@testable import joblinectl

@Suite("Wait progress")
struct WaitBoardTests {
    private static let terminal = Terminal.Size(columns: 80, rows: 24)

    private static func job(
        _ id: String, _ state: JobState, progress: Double? = nil, family: JobFamily = .rxNormInference
    ) -> Job {
        Job(reference: JobReference(family: family, id: id), state: state, progress: progress)
    }

    @Test("One job is shown as a bar with the time, and as nothing when it has ended")
    func one() {
        let job = Self.job("1f", .running, progress: 0.5)
        var progress = WaitProgress([job.reference])
        progress.note(job)
        #expect(
            progress.lines(in: Self.terminal, elapsed: .seconds(62), step: 0) == [
                "1f        running   [##############--------------]  50%   1:02"
            ])
        progress.note(Self.job("1f", .succeeded))
        #expect(progress.lines(in: Self.terminal, elapsed: .seconds(63), step: 1) == [])
    }

    @Test("A job without progress is shown with a moving marker")
    func moving() {
        let job = Self.job("1f", .running)
        var progress = WaitProgress([job.reference])
        progress.note(job)
        let places = (0..<60).map { step -> Int in
            let line = progress.lines(in: Self.terminal, elapsed: .zero, step: step)[0]
            return line.distance(from: line.startIndex, to: line.firstIndex(of: "<") ?? line.endIndex)
        }
        #expect(Set(places).count == 26)
        for (place, next) in zip(places, places.dropFirst()) { #expect(abs(place - next) == 1) }
    }

    @Test("Many jobs are summarised, with bars for the running ones as far as they fit")
    func many() {
        let jobs = (0..<40).map { Self.job("\($0)", $0 < 12 ? .succeeded : $0 > 36 ? .running : .queued) }
        var progress = WaitProgress(jobs.map(\.reference))
        for job in jobs { progress.note(job) }
        let lines = progress.lines(in: Terminal.Size(columns: 40, rows: 7), elapsed: .seconds(3661), step: 3)
        #expect(lines.count == 6)
        #expect(lines[0] == "12 of 40 ended, 3 running  1:01:01")
        #expect(lines[1].hasPrefix("37        running"))
        #expect(lines[4].hasPrefix("12        queued"))
    }

    @Test(
        "Lines never fill the width or height of the terminal",
        arguments: [(20, 5), (40, 10), (80, 24), (200, 60)])
    func bounds(columns: Int, rows: Int) {
        let name = "日本語\u{1B}[31m\n" + String(repeating: "長い", count: 50)
        let jobs = (0..<30).map {
            Self.job(
                "\(name)\($0)", .running, progress: Double($0) / 30, family: $0 % 2 == 0 ? .matching : .phiDetection)
        }
        for count in [1, 30] {
            var progress = WaitProgress(jobs.prefix(count).map(\.reference))
            for job in jobs { progress.note(job) }
            let lines = progress.lines(
                in: Terminal.Size(columns: columns, rows: rows), elapsed: .seconds(9), step: 2)
            #expect(lines.count < rows)
            for line in lines {
                #expect(line.columns < columns, "\(line)")
                #expect(!line.contains("\u{1B}") && !line.contains("\n"))
            }
        }
    }
}
