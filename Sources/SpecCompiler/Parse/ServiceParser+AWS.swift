internal import Yams

// Wires of AWS.
extension ServiceParser {
    /// Parses the block `aws` of a file; nil if it has none.
    func aws(_ fields: Fields, _ service: Service) -> AWSWires? {
        guard let entry = fields.entry("aws"), let aws = fields.mapping(entry, "aws") else {
            for operation in service.operations where operation.http != nil {
                diagnostics.note(
                    "operation \(operation.template): \"http\" needs \"aws\" in the file", at: operation.location)
            }
            return nil
        }
        aws.allow("wires", "target", "signing", "message", "statuses")
        let wires = wires(aws)
        let target = aws.optionalText("target")
        if (target == nil) != (wires == [.rest]) {
            aws.note("aws: \"target\" belongs to the wires json and cbor", entry)
        }
        for operation in service.operations where (operation.http != nil) != wires.contains(.rest) {
            diagnostics.note(
                "operation \(operation.template): \"http\" belongs to the operations of a service with the wire rest",
                at: operation.location)
        }
        checkTimes(service, entry)
        return AWSWires(
            wires: wires, target: target, signingName: aws.requiredText("signing"),
            message: aws.requiredText("message"),
            statuses: statuses(aws, service))
    }

    private func wires(_ aws: Fields) -> [AWSWires.Wire] {
        guard let entry = aws.required("wires") else { return [] }
        let known = AWSWires.Wire.allCases.map(\.rawValue).joined(separator: ", ")
        let wires = (entry.node.sequence ?? []).map { $0.scalar.flatMap { AWSWires.Wire(rawValue: $0.string) } }
        if wires.isEmpty || wires.contains(where: { $0 == nil }) { aws.note("aws: \"wires\" lists \(known)", entry) }
        return wires.compactMap(\.self)
    }

    private func statuses(_ aws: Fields, _ service: Service) -> [(type: String, status: Int)] {
        guard let entry = aws.entry("statuses"), let statuses = aws.mapping(entry, "aws, statuses") else { return [] }
        let types = service.errorTypes
        return statuses.entries.compactMap { entry in
            if !types.contains(entry.key) {
                statuses.note("aws, statuses: the service has no error \"\(entry.key)\"", entry)
            }
            guard let status = statuses.text(entry).flatMap(Int.init), (401...599).contains(status) else {
                statuses.note("aws, statuses: \"\(entry.key)\" is a status from 401 to 599; others are 400", entry)
                return nil
            }
            return (entry.key, status)
        }
    }

    /// Reports names that are times in one place and not in another: CBOR finds times by their names.
    private func checkTimes(_ service: Service, _ entry: Fields.Entry) {
        let times = Set(service.timeMembers)
        for member in service.allMembers where times.contains(member.name) && !member.type.isTime {
            diagnostics.note(
                "member \(member.name) is a time elsewhere: with \"aws\", a name is a time everywhere or nowhere",
                at: member.location)
        }
    }

    // MARK: REST

    /// Parses the place of an operation, such as `GET /workflows/{workflowName}`.
    func http(_ fields: Fields) -> HTTPBinding? {
        guard let entry = fields.entry("http"), let text = fields.text(entry) else { return nil }
        let parts = text.split(separator: " ")
        guard parts.count == 2, let verb = HTTPBinding.Verb(rawValue: String(parts[0])), parts[1].hasPrefix("/") else {
            let verbs = HTTPBinding.Verb.allCases.map(\.rawValue).joined(separator: ", ")
            fields.note("\(fields.subject): \"http\" is one of \(verbs), and a path", entry)
            return nil
        }
        let path = parts[1].split(separator: "/").map { segment -> HTTPBinding.Segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .member(String(segment.dropFirst().dropLast())) : .fixed(String(segment))
        }
        return HTTPBinding(verb: verb, path: path)
    }

    func checkHTTP(_ operation: Operation, _ fields: Fields) {
        guard let http = operation.http, let entry = fields.entry("http") else { return }
        for name in http.labels
        where !operation.request.contains(where: { $0.name == name && $0.required && $0.type.builtin == .string }) {
            fields.note(
                "\(fields.subject): \"http\" names \"\(name)\", which is no string that the request requires", entry)
        }
        for member in http.query(of: operation.request) {
            switch member.type.builtin {
            case .string, .integer, .long: break
            case .double, .boolean, .timestamp, .document, .id, nil:
                fields.note(
                    "\(fields.subject): \"\(member.name)\" would be in the query, where strings and integers are supported",
                    entry)
            }
        }
    }
}
