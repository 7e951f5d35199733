internal import Foundation
internal import Jobline

/// A daemon with so many jobs, and what there is to ask it.
struct ScaleStore {
    static let family = "RxNormInference"
    /// Script of an executor that ends at once.
    static let executor = ["/bin/true"]
    /// Jobs of one page, unless a walk to a page far away is shortened by larger ones.
    static let page = 100
    private static let longStride = 500

    let count: Int
    let ids: [String]
    let connection: Connection
    /// Tokens by how many jobs lie before the page that they open.
    private(set) var tokens: [Int: String] = [:]

    init(count: Int, ids: [String], connection: Connection) {
        self.count = count
        self.ids = ids
        self.connection = connection
    }

    /// Makes the jobs, by starting one, and copying it while no daemon runs.
    ///
    /// - Returns: The ids of at most so many of them, from all over.
    static func make(
        _ count: Int, in directory: Directory, daemon program: String, ids most: Int = 20_000
    ) async throws -> [String] {
        note("making \(Show.count(count)) jobs")
        let id = try await Daemon.with(program, in: directory, executor: executor) { daemon in
            try await daemon.client { client in
                let id = try daemon.startJob()
                while try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id).jobProperties?.endTime
                    == nil
                {
                    try await Task.sleep(for: .milliseconds(20))
                }
                return id
            }
        }
        let multiplier = try JobMultiplier(database: directory.appending("state/jobline.sqlite"))
        try multiplier.multiply(id, to: count)
        let ids = try multiplier.ids(atMost: most)
        try multiplier.finish()
        return ids
    }

    static func describe(_ id: String) -> Request {
        Request("ComprehendMedical.Describe\(family)Job", #"{"JobId":"\#(id)"}"#)
    }

    /// - Parameters:
    ///   - filter: Members of Filter, as JSON.
    ///   - token: Opens a later page.
    static func list(filter: String? = nil, token: String? = nil, most: Int = page) -> Request {
        var members = [#""MaxResults":\#(most)"#]
        if let filter { members.append(#""Filter":{\#(filter)}"#) }
        if let token { members.append(#""NextToken":"\#(token)""#) }
        return Request("ComprehendMedical.List\(family)Jobs", "{\(members.joined(separator: ","))}")
    }

    /// Walks through the whole list, newest first, and keeps the tokens of pages at some depths.
    mutating func walk(keeping depths: [Int]) throws {
        var depth = 0
        var token: String?
        let wanted = Set(depths)
        // The last pages of the walk are read one by one, so that every depth is reached.
        while depth < count {
            let next = wanted.filter { $0 > depth }.min() ?? count
            let most = min(Self.longStride, next - depth)
            token = try connection.ask(Self.list(token: token, most: most)).string("NextToken")
            depth += most
            guard let token else { break }
            if wanted.contains(depth) { tokens[depth] = token }
        }
    }

    /// Seconds since 1970 at which the job in the middle was submitted, the last one being of now.
    var middle: Int {
        Int(Date().timeIntervalSince1970) - count / 2 * JobMultiplier.interval / 1000
    }
}
