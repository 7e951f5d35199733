import Testing

@testable import JoblineProtocol

@Suite("Patterns")
struct PatternTests {
    /// Pattern with texts that it must accept and refuse.
    struct Example: Sendable, CustomTestStringConvertible {
        let pattern: Pattern
        let accepted: [String]
        let refused: [String]

        var testDescription: String { pattern.source }
    }

    static let matchingWorkflow = "arn:aws:entityresolution:us-east-1:123456789012:matchingworkflow/people"
    static let domain = "arn:aws:profile:eu-west-1:123456789012:domains/people"
    static let provider = "arn:aws:entityresolution:us-east-1::providerservice/acme/match"

    static let examples: [Example] = [
        Example(
            pattern: .comprehendMedicalJobId,
            accepted: ["0123456789abcdef0123456789abcdef", "", "Ünïcode ward/7:+-%@=._", "名前"],
            refused: ["job\n", "job\r\n", "a\tb", "a\"b", "<job>", "e\u{301}", "\u{0}"]),
        Example(
            pattern: .comprehendMedicalS3Bucket, accepted: ["notes", "my.notes-1_a", "ends-with."],
            refused: ["notes\n", "Notes", "a/b", "a b"]),
        Example(
            pattern: .comprehendMedicalS3Key, accepted: ["", "in/2026/", "ein Schlüssel", "日本"],
            refused: ["in\n", "a\nb", "\r\n", "a\u{2028}", "a\u{85}"]),
        Example(
            pattern: .comprehendMedicalIamRoleArn,
            accepted: ["arn:aws:iam::123456789012:role/reader", "arn:aws-us-gov:iam::123456789012:role/a/b"],
            refused: [
                "arn:aws:iam::123456789012:role/reader\n", "arn:aws:iam::123456789012:role/", "arn:aws:iam::1:role/a",
                "arn:aws:iam::123456789012:user/a", " arn:aws:iam::123456789012:role/a",
                "arn:aws:iam::\u{661}23456789012:role/a",
            ]),
        Example(
            pattern: .comprehendMedicalClientRequestToken, accepted: ["a", "2b6d-A"],
            refused: ["", "a\n", "a_b", "a b", "ä"]),
        Example(
            pattern: .entityResolutionEntityName, accepted: ["", "people_1-a"],
            refused: ["people\n", "a b", "a.b", "é"]),
        Example(
            pattern: .entityResolutionJobId, accepted: ["0123456789abcdef0123456789abcdef"],
            refused: [
                "", "0123456789abcdef0123456789abcdef\n", "0123456789ABCDEF0123456789abcdef",
                "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
            ]),
        Example(
            pattern: .entityResolutionAttributeName, accepted: ["", "first name", "zip-code_2"],
            refused: ["name\n", "a\tb", "a.b", "\u{a0}"]),
        Example(
            pattern: .entityResolutionNextToken, accepted: ["", "abc_-=+/09"], refused: ["tok\n", "a:b", "a<b", "a b"]),
        Example(
            pattern: .entityResolutionS3Path, accepted: ["s3://bucket", "s3://bucket/", "s3://my.bucket/a b/c"],
            refused: [
                "s3://bucket\n", "s3://bucket/a\n", "s3://b/", "s3://Bucket/", "http://bucket/", "s3://-bucket", "",
            ]),
        Example(
            pattern: .entityResolutionOptionalS3Path, accepted: ["", "s3://bucket", "s3://bucket/a"],
            refused: ["\n", "s3://bucket\n", "x", "xs3://bucket"]),
        Example(
            pattern: .entityResolutionKMSArn,
            accepted: ["arn:aws:kms:eu-west-1:123456789012:key/1", "arn:aws:kms::1:"],
            refused: ["arn:aws:kms:eu-west-1:123456789012:key/1\n", "arn:aws:kms:eu-west-1:a:key", "arn:aws:s3:x:1:y"]),
        Example(
            pattern: .entityResolutionInputSourceARN,
            accepted: [
                "arn:aws:entityresolution:us-east-1:123456789012:idnamespace/people", matchingWorkflow,
                "arn:aws-cn:glue:cn-north-1:123456789012:table/clinic/patients",
            ],
            refused: [
                matchingWorkflow + "\n", "arn:aws:glue:us-east-1:123456789012:table/clinic/patients\n",
                "arn:aws:entityresolution:us-east-1:123456789012:idnamespace/people\n",
                matchingWorkflow + matchingWorkflow,
                "arn:aws:glue:us-east-1:123456789012:table/clinic", "x" + matchingWorkflow,
                "arn:aws:glue:us-east-1:123456789012:table/clinic/" + String(repeating: "a", count: 256),
            ]),
        Example(
            pattern: .entityResolutionCustomerProfilesDomainArn, accepted: [domain],
            refused: [domain + "\n", domain + "/a", "arn:aws:profile:eu-west-1:123456789012:domains/"]),
        Example(
            pattern: .entityResolutionCustomerProfilesObjectTypeArn, accepted: [domain + "/object-types/person"],
            refused: [domain, domain + "/object-types/person\n", domain + "/object-types/"]),
        Example(
            pattern: .entityResolutionProviderServiceArn, accepted: [provider],
            refused: [provider + "\n", provider + "/more", "arn:aws:entityresolution:us-east-1:1:providerservice/a/b"]),
        Example(
            pattern: .personalizeName, accepted: ["a", "Segment-1_b"], refused: ["", "-a", "a b", "a\n", "ä", "a/b"]),
        Example(
            pattern: .personalizeArn,
            accepted: ["arn:aws:personalize:us-east-1:123456789012:solution/s/v", "arn:a:personalize:::x"],
            refused: [
                "arn:aws:personalize:us-east-1:123456789012:\n", "arn:aws:personalize:x", "arn:AWS:personalize:a:b:c",
            ]),
        Example(
            pattern: .personalizeRoleArn,
            accepted: ["arn:aws:iam::123456789012:role/reader", "arn:aws:iam::123456789012:rolereader"],
            refused: [
                "arn:aws:iam::123456789012:role/reader\n", "arn:aws:iam::123456789012:role", "arn:aws:iam::12:role/a",
                "arn:aws:iam::\u{661}23456789012:role/a", "arn:aws:iam::123456789012:role/a b",
            ]),
        Example(
            pattern: .personalizeS3Location, accepted: ["s3://b/users.json", "https://b.s3.amazonaws.com/a"],
            refused: ["s3://", "s3://b/users.json\n", "ftp://b/a", " s3://b", "S3://b"]),
        Example(
            pattern: .personalizeKmsKeyArn,
            accepted: ["arn:aws:kms:eu-west-1:123456789012:key/1", "arn:aws-cn:kms::123456789012:key/"],
            refused: ["arn:aws:kms:eu-west-1:123456789012:key/1\n", "arn:aws:kms:eu-west-1:12:key/1", "arn:aws:kms:x"]),
        Example(
            pattern: .personalizeNextToken, accepted: ["", "any ASCII ~", "a\n", String(repeating: "a", count: 1500)],
            refused: ["é", String(repeating: "a", count: 1501)]),
        Example(
            pattern: .rpcHelloRequestClient, accepted: ["", "joblinectl/0.1 (Linux; x86_64)", "~"],
            refused: ["a\nb", "a\n", "\u{1b}[31m", "ü", "\u{7f}"]),
        Example(
            pattern: .personalizeColumnName, accepted: ["TITLE", "_item_1"],
            refused: ["", "1st", "TITLE\n", "Übersicht", "a b"]),
        Example(
            pattern: .entityResolutionRoleArn,
            accepted: ["arn:aws:iam::123456789012:role/mapper", "arn:aws:iam::123456789012:rolemapper"],
            refused: ["", "arn:aws:iam::123456789012:role/mapper\n", "arn:aws-cn:iam::123456789012:role/a"]),
        Example(
            pattern: .entityResolutionIdMappingRoleArn,
            accepted: ["", "arn:aws:iam::123456789012:role/mapper"],
            refused: ["\n", "arn:aws:iam::123456789012:role/mapper\n", "x", "arn:aws:iam::12:role/a"]),
        Example(
            pattern: .entityResolutionEntityNameOrIdMappingWorkflowArn,
            accepted: [
                "", "people_1-x", "a=+/", "arn:aws:entityresolution:us-east-1:123456789012:idmappingworkflow/people",
            ],
            refused: [
                "people\n", "a b", "arn:aws:entityresolution:us-east-1:123456789012:matchingworkflow/people",
                "arn:aws:entityresolution:us-east-1:123456789012:idmappingworkflow/people\n",
            ]),
        Example(
            pattern: .personalizeTagKey, accepted: ["", "team/Übersicht 1", "a@b"],
            refused: ["a\n", "50%", "a,b", "\t"]),
    ]

    @Test("A pattern matches whole strings only", arguments: examples)
    func wholeTexts(_ example: Example) {
        for text in example.accepted { #expect(example.pattern.matches(text), "accepts \(text.debugDescription)") }
        for text in example.refused { #expect(!example.pattern.matches(text), "refuses \(text.debugDescription)") }
    }

    @Test("Every pattern has an example")
    func complete() {
        #expect(Set(Self.examples.map(\.pattern.source)) == Set(Pattern.all.map(\.source)))
    }

    @Test(
        "Fast paths give the same results as the regular expression",
        arguments: Pattern.all.map(\.source))
    func shortCuts(_ source: String) throws {
        let pattern = try #require(Pattern.all.first { $0.source == source })
        let plain = try Regex(source).matchingSemantics(.unicodeScalar).asciiOnlyCharacterClasses()
        var texts = Self.examples.flatMap { $0.accepted + $0.refused }
        texts += (0..<0x300).compactMap { Unicode.Scalar($0).map(String.init) }
        texts += ["\u{2028}", "\u{2029}", "\u{3000}"]
        for text in texts {
            let expected = try plain.wholeMatch(in: text) != nil
            #expect(pattern.matches(text) == expected, "\(text.debugDescription)")
        }
    }

    @Test("An invalid pattern matches nothing")
    func broken() {
        let pattern = Pattern("[")
        #expect(!pattern.matches("["))
        #expect(!pattern.matches(""))
    }
}
