/* SPDX-License-Identifier: ISC */
/* How much time has passed, whatever happens to the time of day. */
#ifndef WF_CLOCK_H
#define WF_CLOCK_H

#include <stdint.h>

uint64_t clock_ms(void); /* since some moment before the program began */
int64_t clock_s(void); /* the same */
uint64_t clock_cpu_ms(void); /* of a processor, that this thread had */

#endif
