/* SPDX-License-Identifier: ISC */
/* From now on each call through the os table is told to trace.h. */
#ifndef WF_OS_TRACE_H
#define WF_OS_TRACE_H

void os_trace(void);

#endif
