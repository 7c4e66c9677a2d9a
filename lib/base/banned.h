/* SPDX-License-Identifier: ISC */
/*
 * Calls that we do without; included by the compiler's command line in every
 * file of ours, after the system's headers have had their say.
 */
#ifndef WF_BANNED_H
#define WF_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol
#pragma GCC poison localtime gmtime mktemp system

#endif
