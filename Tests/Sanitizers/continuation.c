// What the thread sanitizer has to know of continuations.
//
// A task that waits for its continuation is enqueued when that is resumed, and the runtime tells the sanitizer of the order. One
// that is resumed before it has come to wait goes on at once, and nobody tells: the two are ordered by an atomic inside of
// libswift_Concurrency, which is not instrumented, and whatever came with the resumption is reported. This library, preloaded,
// goes between and has such a task go on by way of code that tells.
//
// What the standard library awaits by itself, as AsyncStream does, is not reached.
//
// The layout is what the compiler of Swift 6.3 emits on Linux into every program that awaits a continuation.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define AWAIT "swift_continuation_await"

#define SWIFT __attribute__((swiftcall))
#define SWIFT_ASYNC __attribute__((swiftasynccall))
#define CONTEXT __attribute__((swift_async_context))

// Missing in processes that are not built with the sanitizer, or without Swift.
__attribute__((weak)) void __tsan_acquire(void *);
__attribute__((weak)) SWIFT void *swift_task_getCurrent(void);

struct Continuation;
typedef SWIFT_ASYNC void (*Resume)(CONTEXT struct Continuation *);
typedef SWIFT_ASYNC void (*Await)(struct Continuation *);

struct Continuation {
    void *parent;
    // Where a task that need not wait goes on. One that waits has its own copy, which swift_continuation_init made.
    Resume resume;
    uintptr_t flags;
};

// Such a task may go on elsewhere, on another thread.
#define OVERRIDES_EXECUTOR 2

// Where the continuation goes on that this thread is asked to await: at once, or not from here.
static _Thread_local Resume resume;

SWIFT_ASYNC static void resumed_at_once(CONTEXT struct Continuation *continuation) {
    // What the runtime releases when it resumes.
    __tsan_acquire(swift_task_getCurrent());
    __attribute__((musttail)) return resume(continuation);
}

SWIFT_ASYNC void swift_continuation_await(struct Continuation *continuation) {
    if (__tsan_acquire && !(continuation->flags & OVERRIDES_EXECUTOR)) {
        resume = continuation->resume;
        continuation->resume = resumed_at_once;
    }
    __attribute__((musttail)) return ((Await)dlsym(RTLD_NEXT, AWAIT))(continuation);
}
