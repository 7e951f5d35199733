#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// How often any thread of this process has asked for memory so far.
///
/// A program that links this has its `malloc` and the like here: they count, and leave the work to the C library.
uint64_t allocation_count(void);

#endif
