import TestSupport
import Testing

@testable import JoblineServer

@Suite("Trace id")
struct TraceIDTests {
    @Test(
        "Is taken from a context that is as the W3C has it",
        arguments: [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        ])
    func valid(traceparent: String) {
        #expect(TraceID(traceparent: traceparent)?.text == "0af7651916cd43dd8448eb211c80319c")
    }

    @Test(
        "Is not taken from anything else, which may be anything",
        arguments: [
            "", Secret.word, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
        ])
    func invalid(traceparent: String) {
        #expect(TraceID(traceparent: traceparent) == nil)
    }
}
