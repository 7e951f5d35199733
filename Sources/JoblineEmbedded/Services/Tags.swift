internal import JoblineBackend
internal import JoblineProtocol

/// Rules of tags that the services document beside their models.
enum Tags {
    /// Most tags of one Personalize job.
    private static let most = 50
    /// Reserved in any letter case.
    private static let reserved = "aws:"

    /// Checks the tags of a Personalize job.
    static func check(_ tags: [Personalize.Tag]?) throws(ServiceError) {
        guard let tags else { return }
        guard tags.count <= most else {
            throw ServiceError(
                .invalid, "a job has at most \(most) tags, these are \(tags.count)", path: "tags",
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

    /// Checks the tags of an Entity Resolution workflow; how many there may be is in the contract.
    static func check(_ tags: [String: String]?) throws(ServiceError) {
        // The path ends at the map, because a key is the caller's own text.
        guard let tags, tags.keys.contains(where: isReserved) else { return }
        throw refusal("tags", of: "a key ")
    }

    /// By bytes: to a String, a colon with a combining mark after it is another character.
    private static func isReserved(_ text: String) -> Bool {
        String(decoding: text.utf8.prefix(reserved.utf8.count), as: UTF8.self).lowercased() == reserved
    }

    private static func refusal(_ path: String, of what: String = "") -> ServiceError {
        ServiceError(.invalid, "\(what)begins with \(reserved), which the service reserves", path: path)
    }
}
