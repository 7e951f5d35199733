#define _GNU_SOURCE
#include "load.h"

#include <sched.h>

bool load_keep_thread(int thread, int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    return sched_setaffinity(thread, sizeof set, &set) == 0;
}
