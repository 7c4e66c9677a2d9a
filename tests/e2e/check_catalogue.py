#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""check_catalogue.py DIR: read what gencatalogue wrote with other tools.

cabextract unpacks, ElementTree parses, and package.xml is worked out anew
from the documents alone, then compared with expected/ to the byte.
"""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

UPD = '{http://schemas.microsoft.com/msus/2002/12/Update}'
XSI = '{http://www.w3.org/2001/XMLSchema-instance}'
CATEGORY = '{http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/Category}'


def member(cab, name):
    return subprocess.run(['cabextract', '-q', '-p', '-F', name, cab],
                          check=True, stdout=subprocess.PIPE).stdout


def records(data):
    at = 0
    while at < len(data):
        head = data[at:at + 55].decode('ascii')
        assert re.fullmatch(r'[0-9a-f-]{36},[0-9a-f]{8},[0-9a-f]{8},', head)
        units, end = int(head[46:54], 16), at + 55
        while units > 0:  # most of a document is ASCII: step by chunks
            text = data[end:end + units]
            cut = len(text)
            while cut > 0 and text[cut - 1] & 0xc0 == 0x80:
                cut -= 1
            if cut > 0 and text[cut - 1] >= 0xc0:
                cut -= 1
            if cut == 0:
                cut = 4 if text[0] >= 0xf0 else 3 if text[0] >= 0xe0 else 2
                text = data[end:end + cut]
            units -= len(text[:cut].decode('utf-8').encode('utf-16-le')) // 2
            end += cut
        assert units == 0, 'the length ends within a character'
        assert data[end:end + 2] == b'\r\n', (at, data[end:end + 2])
        yield head[:36], int(head[37:45], 16), data[at + 55:end]
        at = end + 2


class Doc:
    def __init__(self, doc):
        root = ET.fromstring(doc)
        ident = root.find(UPD + 'UpdateIdentity')
        self.key = (ident.get('UpdateID').lower(),
                    int(ident.get('RevisionNumber')))
        self.type = root.find(UPD + 'Properties').get('UpdateType')
        info = root.find('.//' + CATEGORY + 'CategoryInformation')
        self.category = info.get('CategoryType') if info is not None else None
        self.check_handler(root)
        rel = root.find(UPD + 'Relationships')
        self.prereqs, self.bundled = [], []
        if rel is not None:
            p = rel.find(UPD + 'Prerequisites')
            self.prereqs = [] if p is None else [
                i.get('UpdateID').lower()
                for i in p.iter(UPD + 'UpdateIdentity')]
            b = rel.find(UPD + 'BundledUpdates')
            self.bundled = [] if b is None else [
                (i.get('UpdateID').lower(), int(i.get('RevisionNumber')))
                for i in b.iter(UPD + 'UpdateIdentity')]
        self.files = []
        first = set(root.iterfind(UPD + 'Files/' + UPD + 'File'))
        for f in sorted(root.iter(), key=lambda f: f not in first):
            if f.get('Digest') is None:
                continue
            more = f.find(UPD + 'AdditionalDigest')
            self.files.append((f.get('Digest'), f.get('FileName'),
                               int(f.get('Size')),
                               None if more is None else more.text))
        self.products, self.classes = [], []

    @staticmethod
    def check_handler(root):
        """The attribute, the data and the rules say the same handler."""
        uri = root.find(UPD + 'Properties').get('Handler', '')
        data = root.find(UPD + 'HandlerSpecificData')
        if data is not None:
            kind = data.get(XSI + 'type').split(':')[1]
            assert uri.split('/')[-1] == kind, (uri, kind)
            assert data[0].tag.startswith('{%s}' % uri), data[0].tag
        for name, handler in (('CbsPackageApplicabilityMetadata', 'Cbs'),
                              ('MsiPatchMetadata', 'WindowsInstaller')):
            if any(e.tag.endswith('}' + name) for e in root.iter()):
                assert uri.split('/')[-1] == handler, (uri, name)


def unique(values):
    return list(dict.fromkeys(values))


def check_packages(packages):
    """Order, closure, identity; the revisions in order of arrival."""
    order, docs, text = [], {}, {}
    for data in packages:
        here, ids = set(), set()
        for guid, rev, doc in records(data):
            key = (guid, rev)
            if key not in docs:
                order.append(key)
                docs[key], text[key] = Doc(doc), doc
            assert text[key] == doc, 'repeats differ'
            assert docs[key].key == key
            assert key not in here, 'twice in one package'
            for p in docs[key].prereqs:
                assert p in ids, ('prerequisite not earlier', key, p)
            for b in docs[key].bundled:
                assert b in here, ('bundled not earlier', key, b)
            here.add(key)
            ids.add(guid)
    return order, docs


def inherit(order, docs):
    kind = {k[0]: d.category for k, d in docs.items()}
    holders = {}
    for key in order:
        for b in docs[key].bundled:
            holders.setdefault(b, []).append(key)
    for key in reversed(order):
        d = docs[key]
        if d.type not in ('Software', 'Driver'):
            continue
        d.products = unique(p for p in d.prereqs if kind[p] == 'Product')
        d.classes = unique(
            p for p in d.prereqs if kind[p] == 'UpdateClassification')
        over = [docs[h] for h in holders.get(key, [])]
        if not d.products:
            d.products = unique(p for h in over for p in h.products)
        if not d.classes:
            d.classes = unique(p for h in over for p in h.classes)


def attr(value):
    return quoteattr(value, {'"': '&quot;'}).replace("'", "'")


def element(name, inside):
    return f'<{name}>{inside}</{name}>' if inside else f'<{name} />'


def index_of(keys, docs, names, urls):
    files, updates = [], []
    for key in keys:
        d = docs[key]
        digests = unique(f[0] for f in d.files)
        files += digests
        updates.append(
            f'<Update UpdateId="{key[0]}" RevisionNumber="{key[1]}">' +
            element('Files', ''.join(
                f'<File Digest="{x}" />' for x in digests)) +
            element('Categories', ''.join(
                f'<Category Value="{x}" />' for x in d.products)) +
            element('Classifications', ''.join(
                f'<Classification Value="{x}" />' for x in d.classes)) +
            '</Update>')
    rows = ''.join(
        f'<File Digest="{x}" MUUrl={attr(urls[x])} Name={attr(names[x])} />'
        for x in unique(files))
    return (element('Files', rows) + element('Updates', ''.join(updates)) +
            '</ExportPackage>')


def check_content(top, docs, counts):
    facts = {}
    for d in docs.values():
        for digest, name, size, sha256 in d.files:
            assert facts.setdefault(digest, size) == size
    missing = 0
    root = os.path.join(top, 'WsusContent')
    have = {}
    for folder, _, names in os.walk(root):
        for n in names:
            have[n.split('.')[0]] = os.path.join(folder, n)
    assert os.path.getsize(have.pop('anonymousCheckFile')) == 0
    for d in docs.values():
        for digest, name, size, sha256 in d.files:
            path = have.get(base64.b64decode(digest).hex().upper())
            if path is None:
                missing += 1
                continue
            with open(path, 'rb') as f:
                data = f.read()
            assert len(data) == size
            assert base64.b64encode(
                hashlib.sha1(data).digest()).decode() == digest
            assert sha256 in (None, base64.b64encode(
                hashlib.sha256(data).digest()).decode())
            m = re.search(r'\.([A-Za-z0-9]{1,8})$', name)
            stem = os.path.basename(path)
            assert stem[40:] == ('.' + m.group(1) if m else ''), (path, name)
            assert os.path.dirname(path)[-2:] == stem[38:40]
    assert len(facts) == counts['files']
    assert len(have) == (counts['files'] - counts['missing_files'] +
                         counts['extra_files'])
    assert (missing > 0) == (counts['missing_files'] > 0)


def main(top):
    with open(os.path.join(top, 'expected/counts.json')) as f:
        counts = json.load(f)
    metas, indexes, sums = [], [], []
    for n in range(1, len(counts['packages']) + 1):
        no = '' if n == 1 else f'-{n}'
        cab = os.path.join(top, f'wsusexport{no}.cab')
        metas.append(member(cab, 'metadata.txt'))
        indexes.append(member(cab, 'package.xml'))
        with open(os.path.join(top, f'expected/package{no}.xml'), 'rb') as f:
            assert f.read() == indexes[-1]
        sums.append(f'{hashlib.sha256(metas[-1]).hexdigest()}'
                    f'  metadata{no}.txt\n')
    with open(os.path.join(top, 'expected/metadata.sha256')) as f:
        assert f.read() == ''.join(sums)
    order, docs = check_packages(metas)
    assert len(order) == counts['revisions']
    inherit(order, docs)
    names, urls = {}, {}
    for key in order:
        for digest, name, _, _ in docs[key].files:
            names.setdefault(digest, name)
    for index in indexes:
        for f in ET.fromstring(index).find('Files'):
            urls[f.get('Digest')] = f.get('MUUrl')
    for data, index in zip(metas, indexes):
        keys = [(g, r) for g, r, _ in records(data)]
        head, rest = index.decode().split('</Languages>', 1)
        assert head.startswith('\ufeff<?xml version="1.0" encoding="utf-8"?>')
        assert head.count('<Language ') == 39
        want = index_of(keys, docs, names, urls)
        for i, (a, b) in enumerate(zip(rest, want)):
            assert a == b, (rest[i - 80:i + 40], want[i - 80:i + 40])
        assert rest == want
    check_content(top, docs, counts)


if __name__ == '__main__':
    main(sys.argv[1])
