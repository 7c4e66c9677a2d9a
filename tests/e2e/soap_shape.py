#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""soap_shape.py: what the shell tests ask of an answer.

shape FILE            element names with namespaces, in order, like siblings
                      and their contents once
docs FILE DIR         the documents, unpacked by cabextract, as guid.revision
"""
import base64
import os
import subprocess
import sys
import xml.etree.ElementTree as tree

NS = "{http://www.microsoft.com/SoftwareDistribution}"


def shape(node, depth, out):
    out.append("  " * depth + node.tag)
    seen = []
    for child in node:
        part = []
        shape(child, depth + 1, part)
        if part not in seen:
            seen.append(part)
            out.extend(part)


def unpack(blob):
    with open("blob.cab", "wb") as f:
        f.write(base64.b64decode(blob))
    out = subprocess.run(["cabextract", "-q", "-p", "blob.cab"],
                         check=True, capture_output=True).stdout
    os.unlink("blob.cab")
    if out[2:4] == b"\0\0" or out[1:2] == b"\0" or out[:2] == b"\xff\xfe":
        return out.decode("utf-16le").removeprefix("\ufeff").encode()
    return out


def docs(root, folder):
    for item in root.iter(NS + "ServerSyncUpdateData"):
        name = (item.find(NS + "Id/" + NS + "UpdateID").text + "." +
                item.find(NS + "Id/" + NS + "RevisionNumber").text)
        plain = item.find(NS + "XmlUpdateBlob")
        packed = item.find(NS + "XmlUpdateBlobCompressed")
        if (plain is None) == (packed is None):
            sys.exit(name + ": not one document")
        data = plain.text.encode() if plain is not None else \
            unpack(packed.text)
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


root = tree.parse(sys.argv[2]).getroot()
if sys.argv[1] == "shape":
    lines = []
    shape(root, 0, lines)
    print("\n".join(lines))
else:
    docs(root, sys.argv[3])
