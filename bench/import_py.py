#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""import_py.py DATABASE CAB...: a straightforward importer, to compare with.

cabextract unpacks into a pipe; each document is parsed with ElementTree,
hashed, compressed with zlib and put into SQLite in one durable transaction.
"""
import codecs
import hashlib
import sqlite3
import subprocess
import sys
import uuid
import xml.etree.ElementTree as ET
import zlib

U = '{http://schemas.microsoft.com/msus/2002/12/Update}'
CATEGORY = '{http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/Category}'
SCHEMA = """
PRAGMA page_size = 32768;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE revision (id BLOB, revision INTEGER, sha256 BLOB, document BLOB,
    type TEXT, category TEXT, state TEXT, created TEXT, title TEXT,
    severity TEXT, eula TEXT, deployable INTEGER, handler TEXT, maximum INTEGER,
    PRIMARY KEY (id, revision));
CREATE TABLE word (id BLOB, revision INTEGER, kind TEXT, value TEXT);
CREATE TABLE title (id BLOB, revision INTEGER, lang TEXT, title TEXT);
CREATE TABLE prereq (id BLOB, revision INTEGER, grp INTEGER, member BLOB,
    category INTEGER, PRIMARY KEY (id, revision, grp, member)) WITHOUT ROWID;
CREATE TABLE bundled (id BLOB, revision INTEGER, grp INTEGER, member BLOB,
    number INTEGER, PRIMARY KEY (id, revision, grp, member, number))
    WITHOUT ROWID;
CREATE TABLE superseded (id BLOB, revision INTEGER, member BLOB);
CREATE TABLE file (sha1 TEXT PRIMARY KEY, sha256 TEXT, size INTEGER,
    name TEXT, url TEXT) WITHOUT ROWID;
CREATE TABLE revision_file (id BLOB, revision INTEGER, sha1 TEXT);
CREATE TABLE category (id BLOB, revision INTEGER, kind TEXT, value BLOB);
"""


def unpack(cab, name):
    return subprocess.Popen(['cabextract', '-q', '-p', '-F', name, cab],
                            stdout=subprocess.PIPE)


def document(f, units):
    """Exactly so many UTF-16 units of UTF-8."""
    decoder = codecs.getincrementaldecoder('utf-8')()
    text, have, want = '', 0, units
    while have < units:
        more = f.read(want)
        if not more:
            raise ValueError('cut short')
        part = decoder.decode(more)
        have += len(part.encode('utf-16-le')) // 2
        text += part
        want = (units - have + 1) // 2
    return text.encode()


def records(f):
    while head := f.read(55):
        guid, revision, units = head[:-1].decode().split(',')
        doc = document(f, int(units, 16))
        if f.read(2) != b'\r\n':
            raise ValueError('no CR LF')
        yield uuid.UUID(guid), int(revision, 16), doc


def groups(parent):
    for n, child in enumerate(() if parent is None else parent):
        if child.tag == U + 'AtLeastOne':
            for member in child:
                yield n, member, child.get('IsCategory') == 'true'
        else:
            yield n, child, False


def guid_of(element):
    return uuid.UUID(element.get('UpdateID')).bytes


def put(db, guid, revision, doc):
    root = ET.fromstring(doc)
    key = (guid.bytes, revision)
    if (guid_of(root.find(U + 'UpdateIdentity')),
            int(root.find(U + 'UpdateIdentity').get('RevisionNumber'))) != key:
        raise ValueError(f'{guid}: another identity inside')
    p = root.find(U + 'Properties')
    titles = [(x.findtext(U + 'Language'), x.findtext(U + 'Title'))
              for x in root.iter(U + 'LocalizedProperties')]
    lang = p.get('DefaultPropertiesLanguage', 'en')
    title = next((t for l, t in titles if l == lang), None)
    info = root.find('.//' + CATEGORY + 'CategoryInformation')
    db.execute(
        'INSERT INTO revision VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)',
        key + (hashlib.sha256(doc).digest(), zlib.compress(doc, 6),
               p.get('UpdateType'),
               info.get('CategoryType') if info is not None else None,
               p.get('PublicationState'), p.get('CreationDate'), title,
               p.get('MsrcSeverity'), p.get('EulaID'),
               p.get('ExplicitlyDeployable') == 'true', p.get('Handler'),
               p.get('MaxDownloadSize')))
    db.executemany('INSERT INTO title VALUES (?,?,?,?)',
                   [key + t for t in titles])
    db.executemany('INSERT INTO word VALUES (?,?,?,?)', [
        key + (x.tag, x.text) for x in p
        if x.tag in (U + 'KBArticleID', U + 'SecurityBulletinID',
                     U + 'Language')])
    relations = root.find(U + 'Relationships')
    if relations is not None:
        put_relations(db, key, relations)
    put_files(db, key, root)


def put_relations(db, key, relations):
    db.executemany('INSERT OR IGNORE INTO prereq VALUES (?,?,?,?,?)', [
        key + (n, guid_of(m), c)
        for n, m, c in groups(relations.find(U + 'Prerequisites'))])
    db.executemany('INSERT OR IGNORE INTO bundled VALUES (?,?,?,?,?)', [
        key + (n, guid_of(m), int(m.get('RevisionNumber')))
        for n, m, c in groups(relations.find(U + 'BundledUpdates'))])
    db.executemany('INSERT INTO superseded VALUES (?,?,?)', [
        key + (guid_of(m),)
        for _, m, _ in groups(relations.find(U + 'SupersededUpdates'))])


def put_files(db, key, root):
    for f in root.iter():
        digest = f.get('Digest')
        if digest is None:
            continue
        db.execute('INSERT OR IGNORE INTO file VALUES (?,?,?,?,NULL)',
                   (digest, f.findtext(U + 'AdditionalDigest'),
                    f.get('Size'), f.get('FileName')))
        db.execute('INSERT INTO revision_file VALUES (?,?,?)',
                   key + (digest,))


def index(db, stream):
    for _, x in ET.iterparse(stream):
        if x.tag == 'File' and x.get('MUUrl') is not None:
            db.execute('INSERT OR IGNORE INTO file VALUES (?,NULL,NULL,?,?)',
                       (x.get('Digest'), x.get('Name'), x.get('MUUrl')))
        elif x.tag == 'Update':
            key = (uuid.UUID(x.get('UpdateId')).bytes,
                   int(x.get('RevisionNumber')))
            for kind in ('Category', 'Classification'):
                db.executemany('INSERT INTO category VALUES (?,?,?,?)', [
                    key + (kind, uuid.UUID(v.get('Value')).bytes)
                    for v in x.iter(kind)])
            x.clear()


def main(path, cabs):
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(SCHEMA)
    db.execute('BEGIN')
    n = 0
    for cab in cabs:
        with unpack(cab, 'package.xml') as p:
            index(db, p.stdout)
        with unpack(cab, 'metadata.txt') as p:
            for guid, revision, doc in records(p.stdout):
                old = db.execute('SELECT sha256 FROM revision WHERE id = ? '
                                 'AND revision = ?',
                                 (guid.bytes, revision)).fetchone()
                if old is None:
                    put(db, guid, revision, doc)
                    n += 1
                elif old[0] != hashlib.sha256(doc).digest():
                    raise ValueError(f'{guid}: differs from before')
    db.execute('COMMIT')
    print(n)


main(sys.argv[1], sys.argv[2:])
