// A program in which an unaware sanitizer would report races: it must report none.

import Foundation
import Synchronization

/// Written on one thread and read on another, which is what the sanitizer looks at.
final class Number: Sendable {
    let value: Int
    init(_ value: Int) { self.value = value }
}

/// A lock that is waited for.
func contend() {
    let numbers = Mutex<Number?>(nil)
    let isTaken = DispatchSemaphore(value: 0)
    Thread {
        numbers.withLock { numbers in
            isTaken.signal()
            usleep(100_000)
            numbers = Number(1)
        }
    }.start()
    isTaken.wait()
    precondition(numbers.withLock { $0?.value } == 1)
}

/// Runs `body` on another thread, and leaves it the time to end.
func elsewhere(_ body: @escaping @Sendable () -> Void) {
    Thread(block: body).start()
    usleep(100_000)
}

contend()
// Continuations that resume before they are awaited.
let unsafe = await withUnsafeContinuation { continuation in elsewhere { continuation.resume(returning: Number(1)) } }
let checked = await withCheckedContinuation { continuation in elsewhere { continuation.resume(returning: Number(2)) } }
let throwing = try await withCheckedThrowingContinuation { continuation in
    elsewhere { continuation.resume(returning: Number(3)) }
}
precondition(unsafe.value + checked.value + throwing.value == 6)
