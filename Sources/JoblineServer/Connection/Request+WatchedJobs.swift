internal import JoblineProtocol

extension Request {
    /// Number of jobs that the request watches, before its parameters are validated; at least 1. nil if it is no watch.
    var watchedJobs: Int? {
        guard name.method?.descriptor.notification != nil else { return nil }
        var count = 0
        if let params {
            try? JSONReader.read(params) { (reader) throws(JSONError) in
                try reader.members { (reader, key) throws(JSONError) in
                    guard case "jobs" = key, try reader.peek() == UInt8(ascii: "[") else {
                        try reader.skip()
                        return
                    }
                    try reader.array { (reader) throws(JSONError) in
                        try reader.skip()
                        count += 1
                    }
                }
            }
        }
        return max(count, 1)
    }
}
