/* SPDX-License-Identifier: ISC */
/* tests/second_reader.py, which was written from wsusferry-transfer(5)
   alone. */
#ifndef WF_SECOND_H
#define WF_SECOND_H

/* Fails where it gives that folder another exit status than verify gave, but
   for faults inside of packages, which it does not read: said is what verify
   said, by which they are known.  Does nothing where there is no python3. */
void second_agrees(
    const char *path, const char *pub, int status, const char *said);

/* Its exit status, and why; -1 where there is no python3. */
int second_status(const char *path, const char *pub, char why[512]);

#endif
