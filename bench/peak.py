#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""peak.py OUT COMMAND...: run it, write "seconds cpu-seconds megabytes" to OUT."""
import os
import sys
import time

began = time.monotonic()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - began
code = os.waitstatus_to_exitcode(status)
with open(sys.argv[1], 'w') as f:
    print(f'{wall:.3f} {usage.ru_utime + usage.ru_stime:.3f}'
          f' {usage.ru_maxrss / 1024:.0f}', file=f)
sys.exit(code if code >= 0 else 128 - code)
