// What the thread sanitizer has to know of Synchronization.Mutex.
//
// A Mutex that is free is taken by code of ours, which the sanitizer sees. One that is not is waited for inside of
// libswiftSynchronization, which is not instrumented: the sanitizer then takes two uses one after the other for two at
// once, and reports whatever the Mutex protects. This library, preloaded, goes between and tells of the order.
//
// The names are those of Swift 6.3 on Linux. Where a later Swift has others, nothing of this is called, and the false
// reports are back: all inside of closures given to `withLock`. check.swift shows whether it is called.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Missing in processes that are not built with the sanitizer.
__attribute__((weak)) void __tsan_acquire(void *);
__attribute__((weak)) void __tsan_release(void *);

typedef SWIFT void (*LockSlow)(uint32_t thread, SELF void *self);
typedef SWIFT void (*UnlockSlow)(SELF void *self);

SWIFT void lock_slow(uint32_t thread, SELF void *self) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF void *self) __asm__(UNLOCK_SLOW);

SWIFT void lock_slow(uint32_t thread, SELF void *self) {
    ((LockSlow)dlsym(RTLD_NEXT, LOCK_SLOW))(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlock_slow(SELF void *self) {
    if (__tsan_release) __tsan_release(self);
    ((UnlockSlow)dlsym(RTLD_NEXT, UNLOCK_SLOW))(self);
}
