#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""check_fragments.py METADATA.TXT FRAGMENTS: the same, made another way.

By expat and the rules in wsusferry-formats(5), a tree first and then the text;
FRAGMENTS is what fragmenttool wrote.
"""
import re
import sys
from xml.parsers import expat

MSUS = 'http://schemas.microsoft.com/msus/'
UPDATE = MSUS + '2002/12/Update'
PREFIX = {MSUS + '2002/12/BaseApplicabilityRules': 'b.',
          MSUS + '2002/12/MsiApplicabilityRules': 'm.',
          MSUS + '2002/12/UpdateHandlers/WindowsDriver': 'd.'}
CORE = ['UpdateType', 'ExplicitlyDeployable', 'AutoSelectOnWebSites',
        'OSUpgrade', 'EulaID']
GONE = CORE + ['PublicationState', 'PublisherID', 'CreationDate', 'IsPublic',
               'LegacyName', 'DetectoidType', 'PerUser']


class Node:
    def __init__(self, ns, name, attrs):
        self.ns, self.name, self.attrs, self.inside = ns, name, attrs, []
        self.copy = None  # (first byte, byte behind)


def tree(doc):
    """Elements and texts; comments gone, so that texts beside them are one."""
    parser = expat.ParserCreate('utf-8', ' ')
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.buffer_size = 1 << 22
    top = Node(None, '', [])
    stack = [top]

    def split(name):
        ns, _, local = name.rpartition(' ')
        return ns or None, local

    def start(name, attrs):
        pairs = [(split(k)[1], v) for k, v in zip(attrs[::2], attrs[1::2])]
        node = Node(*split(name), pairs)
        node.copy = [parser.CurrentByteIndex, None]
        stack[-1].inside.append(node)
        stack.append(node)

    def end(_):
        node = stack.pop()
        at = parser.CurrentByteIndex
        node.copy[1] = doc.index(b'>', at) + 1
        if at == node.copy[0]:  # <a/>: over what is quoted
            tag = re.compile(rb'''<(?:[^"'>]|"[^"]*"|'[^']*')*>''')
            node.copy[1] = tag.match(doc, at).end()

    def text(data):
        inside = stack[-1].inside
        if inside and isinstance(inside[-1], str):
            inside[-1] += data
        else:
            inside.append(data)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.Parse(doc, True)
    return top.inside[0]


def escape(text):
    for a, b in (('&', '&amp;'), ('<', '&lt;'), ('>', '&gt;'),
                 ('\r', '&#xD;')):
        text = text.replace(a, b)
    return text


def quote(pairs):
    return ''.join(
        ' %s="%s"' % (k, escape(v).replace('"', '&quot;').replace(
            '\n', '&#xA;').replace('\t', '&#x9;')) for k, v in pairs)


def put(doc, node, name=None, attrs=None):
    if node.ns is not None and not node.ns.startswith(MSUS):
        return doc[node.copy[0]:node.copy[1]].decode('utf-8')
    name = PREFIX.get(node.ns, '') + (name or node.name)
    inside = ''.join(
        put(doc, n) if isinstance(n, Node) else
        escape(n) if n.strip(' \t\r\n') else '' for n in node.inside)
    tag = name + quote(node.attrs if attrs is None else attrs)
    return f'<{tag}>{inside}</{name}>' if inside else f'<{tag} />'


def child(node, name):
    return next((n for n in node.inside if isinstance(n, Node) and
                 (n.ns, n.name) == (UPDATE, name)), None)


def fragments(doc):
    root = tree(doc)
    props = child(root, 'Properties')
    have = dict(props.attrs)
    core = [(k, have[k]) for k in CORE if k in have and
            not (k in CORE[1:4] and have[k] in ('false', '0'))]
    bare = Node(UPDATE, 'Properties', core)

    def whole(names):
        return ''.join(put(doc, n) for n in (child(root, x) for x in names)
                       if n is not None)

    yield ('Core', '-', '-', whole(['UpdateIdentity']) + put(doc, bare) +
           whole(['Relationships', 'ApplicabilityRules']))
    yield ('Extended', '-', '-', put(
        doc, props, 'ExtendedProperties',
        [(k, v) for k, v in props.attrs if k not in GONE]) +
        whole(['Files', 'HandlerSpecificData']))
    texts = child(root, 'LocalizedPropertiesCollection')
    inside = [] if texts is None else [
        n for n in texts.inside if isinstance(n, Node)]
    for n in inside:
        if n.name == 'LocalizedProperties':
            lang = ''.join(child(n, 'Language').inside).strip()
            yield 'LocalizedProperties', lang, '-', put(doc, n)
    for n in inside:
        if n.name == 'EulaFile':
            a = dict(n.attrs)
            yield ('Eula', a.get('Language', '-'), a.get('GeoId', '-'),
                   put(doc, n))


def main(metadata, made):
    with open(metadata, 'rb') as f:
        data = f.read()
    with open(made, 'rb') as f:
        ours = f.read()
    at = n = 0
    for doc in re.findall(rb'(?:^|\r\n)([0-9a-f-]{36}),([0-9a-f]{8}),'
                          rb'[0-9a-f]{8},(<.*?</upd:Update>)(?=\r\n)',
                          data, re.S):
        for kind, lang, geo, text in fragments(doc[2]):
            text = text.encode('utf-8')
            want = b'%s %d %s %s %s %d\n%s\n' % (
                doc[0], int(doc[1], 16), kind.encode(), lang.encode(),
                geo.encode(), len(text), text)
            have = ours[at:at + len(want)]
            assert have == want, (want, have)
            at += len(want)
            n += 1
    assert at == len(ours) and n > 0, (at, len(ours), n)


main(*sys.argv[1:])
