#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make_gz.py METADATA OUT: metadata.txt in the supposed .xml.gz form."""
import gzip
import sys
from xml.sax.saxutils import escape

HEAD = 55  # bytes before a document


def records(text):
    """The records, by the length in UTF-16 units that each begins with."""
    at = 0
    while at < len(text):
        guid, revision, units = text[at:at + HEAD - 1].decode().split(",")
        at += HEAD
        end, left = at, int(units, 16)
        while left > 0:
            left -= 2 if text[end] >= 0xF0 else 1
            end += 1
            while end < len(text) and text[end] & 0xC0 == 0x80:
                end += 1
        yield guid, int(revision, 16), text[at:end].decode()
        at = end + 2


def main():
    with open(sys.argv[1], "rb") as f, gzip.open(sys.argv[2], "wt",
            encoding="utf-8", newline="") as out:
        out.write('<?xml version="1.0" encoding="utf-8"?><ExportPackage '
            'ServerID="5b3a9f10-0000-4000-8000-00000000abcd" '
            'CreationTime="2026-01-31T06:07:08Z" FormatVersion="1.0" '
            'ProtocolVersion="1.20"><Languages /><Files /><Updates>')
        for guid, revision, doc in records(f.read()):
            doc = escape(doc).replace("\r", "&#xD;")
            out.write(f'<Update UpdateId="{guid}" '
                f'RevisionNumber="{revision}"><Files /><Categories />'
                f'<Classifications /><Metadata>{doc}</Metadata></Update>')
        out.write("</Updates></ExportPackage>")


main()
