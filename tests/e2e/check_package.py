#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""check_package.py CAB [OTHER]: what wsusutil asks of a package, by other tools.

Every prerequisite and bundled revision stands before what needs it, nothing
stands twice, identities match, and package.xml is worked out anew from the
documents.  With OTHER: both hold the same revisions, to the byte.
"""
import base64
import sys
import xml.etree.ElementTree as ET

from check_catalogue import check_packages, index_of, inherit, member, records


def held(cab):
    return {(g, r): d for g, r, d in records(member(cab, 'metadata.txt'))}


def check_index(cab, order, docs):
    index = member(cab, 'package.xml')
    names, urls, known = {}, {}, {}
    for key in order:
        for digest, name, _, _ in docs[key].files:
            assert len(base64.b64decode(digest)) == 20
            known.setdefault(digest, set()).add(name)
    for f in ET.fromstring(index).find('Files'):
        digest = f.get('Digest')
        # The name of the first arrival, which is not the first in here.
        assert f.get('Name') in known[digest], (digest, f.get('Name'))
        names[digest], urls[digest] = f.get('Name'), f.get('MUUrl')
    rest = index.decode().split('</Languages>', 1)[1]
    assert rest == index_of(order, docs, names, urls)


def main(cab, other=None):
    order, docs = check_packages([member(cab, 'metadata.txt')])
    inherit(order, docs)
    check_index(cab, order, docs)
    if other is not None:
        ours, theirs = held(cab), held(other)
        assert ours.keys() == theirs.keys(), (
            len(ours), len(theirs), list(ours.keys() ^ theirs.keys())[:5])
        for key, doc in ours.items():
            assert doc == theirs[key], key
    print(f'{len(order)} revisions in a valid order, each with its row')


main(*sys.argv[1:])
