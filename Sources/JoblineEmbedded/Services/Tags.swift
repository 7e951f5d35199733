internal import JoblineBackend
internal import JoblineProtocol

/// Rules of tags that the services document beside their models.
enum Tags {
    /// Maximum number of tags of one Personalize job.
    private static let maximum = 50
    /// Reserved prefix, in any letter case.
    private static let reserved = "aws:"

    /// Checks the tags of a Personalize job.
    static func check(_ tags: [Personalize.Tag]?) throws(ServiceError) {
        guard let tags else { return }
        guard tags.count <= maximum else {
            throw ServiceError(
                .invalid, "a job has at most \(maximum) tags; the request has \(tags.count)", path: "tags",
                type: "TooManyTagsException")
        }
        var keys: Set<[UInt8]> = []
        for (index, tag) in tags.enumerated() {
            let place = "tags[\(index)]"
            if isReserved(tag.tagKey) { throw refusal("\(place).tagKey") }
            if isReserved(tag.tagValue) { throw refusal("\(place).tagValue") }
            // By bytes: keys are case-sensitive, and the service does not normalise them.
            guard keys.insert(Array(tag.tagKey.utf8)).inserted else {
                throw ServiceError(.invalid, "an earlier tag has the same key", path: "\(place).tagKey")
            }
        }
    }

    /// Checks the tags of an Entity Resolution workflow. The contract limits their number.
    static func check(_ tags: [String: String]?) throws(ServiceError) {
        // The path ends at the map: a key is text of the caller.
        guard let tags, tags.keys.contains(where: isReserved) else { return }
        throw refusal("tags", of: "a key ")
    }

    /// Compares bytes: in a String, a colon with a combining mark is another character.
    private static func isReserved(_ text: String) -> Bool {
        String(decoding: text.utf8.prefix(reserved.utf8.count), as: UTF8.self).lowercased() == reserved
    }

    private static func refusal(_ path: String, of what: String = "") -> ServiceError {
        ServiceError(.invalid, "\(what)begins with \(reserved), which the service reserves", path: path)
    }
}
