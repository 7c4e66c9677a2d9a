/* SPDX-License-Identifier: ISC */
/* The os table that asks fault_next() before each call; for fault.c. */
#ifndef WF_FAULT_OS_H
#define WF_FAULT_OS_H

#include "lib/base/os.h"

extern const struct os fault_os;

#endif
